import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the repository: this file runs from `tools/goldens/` (tests) and from `build/tools/goldens/`. */
export const ROOT: string = rootOf(fileURLToPath(new URL('.', import.meta.url)));

function rootOf(directory: string): string {
  const isRoot = existsSync(join(directory, 'package.json'));
  return isRoot ? directory : rootOf(dirname(directory));
}

const CLIENTS = join(ROOT, 'tools/goldens/clients');
const JAVA_LIBRARIES = '/usr/share/java';
export const JUTE_JAR: string = join(JAVA_LIBRARIES, 'zookeeper-jute.jar');
const JAVA_CLASSES = ['zookeeper.jar', 'zookeeper-jute.jar', 'slf4j-nop.jar', 'slf4j-api.jar'];

/** A client library, as Debian packages it. */
export interface ClientLibrary {
  /** Name in file names and in the provenance of goldens. */
  name: 'java' | 'c' | 'kazoo' | 'go';
  /** What a capture calls it. */
  title: string;
  debianPackage: string;
}

export const LIBRARIES: readonly ClientLibrary[] = [
  { name: 'java', title: 'Apache ZooKeeper Java client', debianPackage: 'libzookeeper-java' },
  { name: 'c', title: 'Apache ZooKeeper C client', debianPackage: 'libzookeeper-mt-dev' },
  { name: 'kazoo', title: 'kazoo', debianPackage: 'python3-kazoo' },
  {
    name: 'go',
    title: 'samuel/go-zookeeper',
    debianPackage: 'golang-github-samuel-go-zookeeper-dev',
  },
];

/** A command line, and what to add to the environment. */
export interface CommandLine {
  program: string;
  arguments: string[];
  environment?: Record<string, string>;
}

function run(command: CommandLine): string {
  return execFileSync(command.program, command.arguments, {
    encoding: 'utf8',
    env: { ...process.env, ...command.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Version of an installed Debian package. Throws an Error that says what to install. */
export function debianVersion(debianPackage: string): string {
  try {
    const listing = run({ program: 'dpkg-query', arguments: ['-W', debianPackage] });
    return listing.trim().split('\t')[1]!;
  } catch (cause) {
    throw new Error(`goldens need the Debian package ${debianPackage}: apt-get install it`, {
      cause,
    });
  }
}

function classPath(classes: string): string {
  const jars = JAVA_CLASSES.map((jar) => join(JAVA_LIBRARIES, jar));
  const missing = jars.filter((jar) => !existsSync(jar));
  if (missing.length > 0) throw new Error(`goldens need ${missing.join(', ')}`);
  return [classes, ...jars].join(':');
}

/** How to run a Java program of `clients/java` compiled by {@link compileClients}. */
export function javaCommand(
  buildDirectory: string,
  mainClass: string,
  args: string[],
): CommandLine {
  const options = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  return {
    program: 'java',
    arguments: [...options, '-cp', classPath(buildDirectory), mainClass, ...args],
  };
}

/** Compiles the drivers into `buildDirectory`. */
export function compileClients(buildDirectory: string): void {
  const java = ['JuteJson', 'DecodeFrames', 'WriteRecords', 'JavaClient'].map((name) =>
    join(CLIENTS, 'java', `${name}.java`),
  );
  const classes = classPath(buildDirectory);
  run({ program: 'javac', arguments: ['-nowarn', '-d', buildDirectory, '-cp', classes, ...java] });
  run({
    program: 'cc',
    arguments: [
      ...['-Wall', '-Wextra', '-DTHREADED', '-o', join(buildDirectory, 'c-client')],
      ...[join(CLIENTS, 'c/c-client.c'), '-lzookeeper_mt', '-lpthread'],
    ],
  });
  run({
    program: 'go',
    arguments: ['build', '-o', join(buildDirectory, 'go-client'), join(CLIENTS, 'go/go_client.go')],
    // Debian's Go libraries are laid out for GOPATH mode; nothing is fetched. Who has no home has no cache of Go's.
    environment: {
      GO111MODULE: 'off',
      GOPATH: '/usr/share/gocode',
      GOFLAGS: '',
      GOCACHE: join(ROOT, 'build/goldens/go-cache'),
    },
  });
}

/** How to run a client's driver; `args` are those of the driver. */
export function driverCommand(
  client: ClientLibrary['name'],
  buildDirectory: string,
  args: string[],
  javaOptions: string[] = [],
): CommandLine {
  switch (client) {
    case 'java': {
      const command = javaCommand(buildDirectory, 'JavaClient', args);
      return { ...command, arguments: [...javaOptions, ...command.arguments] };
    }
    case 'c':
      return { program: join(buildDirectory, 'c-client'), arguments: args };
    case 'go':
      return { program: join(buildDirectory, 'go-client'), arguments: args };
    case 'kazoo':
      return {
        // Debian's own interpreter: another one first in the path would not find Debian's kazoo.
        program: '/usr/bin/python3',
        arguments: [join(CLIENTS, 'python/kazoo_client.py'), ...args],
        environment: { PYTHONDONTWRITEBYTECODE: '1' },
      };
  }
}
