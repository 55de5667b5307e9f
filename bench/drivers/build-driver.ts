import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { tryFindZooKeeper } from '../../tools/zookeeper/index.ts';
import { REPOSITORY } from '../repository.ts';
import { runCommand } from '../run-command.ts';
import { debianVersion } from './debian-version.ts';
import type { DriverName } from './driver-names.ts';

/** A driver that can be started, or the reason why it cannot. */
export interface Driver {
  readonly name: DriverName;
  /** The client that it drives, for the report. */
  readonly subject: string;
  /** Of the client's library, as its package has it. */
  readonly version: string;
  readonly program: string;
  /** Before the driver's own options. */
  readonly args: readonly string[];
  /** Null when it is there. */
  readonly missing: string | null;
}

const SOURCES = join(REPOSITORY, 'bench', 'drivers');
const CACHE = join(REPOSITORY, 'build', 'bench', 'drivers');
const COMPILE_TIMEOUT_MS = 3 * 60_000;
/** Debian's Go libraries are laid out for GOPATH mode; nothing is fetched. */
const DEBIAN_GOPATH = '/usr/share/gocode';
/** A logging back end would write a line for every connection. */
const LOGGING_JAR = /^(slf4j-(log4j|reload4j|simple|jdk)|logback|log4j|reload4j)/;

/** How one driver is compiled into a folder, and started from there. */
interface Recipe {
  readonly subject: string;
  readonly version: string;
  readonly compiler: string;
  readonly compilerArgs: (folder: string, sources: readonly string[]) => string[];
  readonly env: Record<string, string>;
  readonly program: (folder: string) => string;
  readonly args: (folder: string) => string[];
}

/**
 * Compiles a driver, once for each state of its sources: what was built lies in `build/bench/drivers`.
 *
 * @param say told before something is compiled
 */
export async function buildDriver(
  name: DriverName,
  say: (line: string) => void = () => {},
): Promise<Driver> {
  const recipe = name === 'java' ? javaRecipe() : name === 'c' ? cRecipe() : goRecipe();
  if (typeof recipe === 'string') return missingDriver(name, recipe);
  const { subject, version } = recipe;
  const sources = sourcesOf(name);
  const folder = join(CACHE, `${name}-${hashOf(recipe, sources)}`);
  const missing = existsSync(folder) ? null : await compile(name, recipe, sources, folder, say);
  const program = recipe.program(folder);
  return { name, subject, version, program, args: recipe.args(folder), missing };
}

const SUBJECTS: Record<DriverName, string> = {
  java: 'Apache ZooKeeper Java client',
  c: 'Apache ZooKeeper C client',
  go: 'go-zookeeper',
};

function missingDriver(name: DriverName, missing: string): Driver {
  return { name, subject: SUBJECTS[name], version: 'unknown', program: '', args: [], missing };
}

function javaRecipe(): Recipe | string {
  const found = tryFindZooKeeper();
  if (found instanceof Error) return found.message.split('\n')[0] ?? found.message;
  const jars = found.classPath.filter((jar) => !LOGGING_JAR.test(basename(jar)));
  const silent = join(found.directory, 'slf4j-nop.jar');
  const classPath = [...jars, ...(existsSync(silent) ? [silent] : [])];
  const beside = join(dirname(found.java), 'javac');
  return {
    subject: SUBJECTS.java,
    version: found.version,
    compiler: existsSync(beside) ? beside : 'javac',
    compilerArgs: (folder, sources) => {
      return ['-nowarn', '-d', folder, '-cp', classPath.join(':'), ...sources];
    },
    env: {},
    program: () => found.java,
    args: (folder) => ['-cp', [folder, ...classPath].join(':'), 'Driver'],
  };
}

function cRecipe(): Recipe {
  const program = (folder: string): string => join(folder, 'driver');
  const libraries = ['-lzookeeper_mt', '-lpthread', '-lm'];
  return {
    subject: SUBJECTS.c,
    version: debianVersion('libzookeeper-mt-dev') ?? 'unknown',
    compiler: process.env.CC ?? 'cc',
    compilerArgs: (folder, sources) => {
      const units = sources.filter((path) => path.endsWith('.c'));
      return ['-O2', '-DTHREADED', '-o', program(folder), ...units, ...libraries];
    },
    env: {},
    program,
    args: () => [],
  };
}

function goRecipe(): Recipe {
  const program = (folder: string): string => join(folder, 'driver');
  return {
    subject: SUBJECTS.go,
    version: debianVersion('golang-github-samuel-go-zookeeper-dev') ?? 'unknown',
    compiler: 'go',
    compilerArgs: (folder, sources) => ['build', '-o', program(folder), ...sources],
    env: {
      GO111MODULE: 'off',
      GOPATH: process.env.GOPATH ?? DEBIAN_GOPATH,
      GOFLAGS: '',
      GOCACHE: join(CACHE, 'go-cache'),
    },
    program,
    args: () => [],
  };
}

function sourcesOf(name: DriverName): string[] {
  const folder = join(SOURCES, name);
  return readdirSync(folder)
    .sort()
    .map((file) => join(folder, file));
}

/** Of the sources, the library and the command: what was built of others is not used. */
function hashOf(recipe: Recipe, sources: readonly string[]): string {
  const hash = createHash('sha256').update(recipe.version);
  hash.update(JSON.stringify([recipe.compiler, recipe.compilerArgs('', sources), process.arch]));
  for (const path of sources) hash.update(readFileSync(path));
  return hash.digest('hex').slice(0, 16);
}

/** Null when it is built, else the reason. Another run that builds the same is in nobody's way. */
async function compile(
  name: DriverName,
  { subject, compiler, compilerArgs, env }: Recipe,
  sources: readonly string[],
  folder: string,
  say: (line: string) => void,
): Promise<string | null> {
  say(`compiling the driver of the ${subject} (${compiler})`);
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  const options = { cwd: join(SOURCES, name), timeoutMs: COMPILE_TIMEOUT_MS, env };
  const failed = await runCommand(compiler, compilerArgs(unfinished, sources), options);
  if (failed === null && !existsSync(folder)) renameSync(unfinished, folder);
  rmSync(unfinished, { recursive: true, force: true });
  return failed;
}
