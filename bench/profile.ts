/** `npm run profile -- CASE`: one case under a profiler. */
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { allCases, type BenchCase, peerOf } from './cases.ts';
import type { Job } from './jobs.ts';
import { nearestNames } from './nearest-names.ts';
import { readArguments, UsageError } from './options.ts';
import { preparePeers } from './peers.ts';
import { startRealEnsemble, startRealServer } from './real-server.ts';
import { REPOSITORY } from './repository.ts';
import { runCommand } from './run-command.ts';
import { responderOptions } from './servers/responder-options.ts';
import {
  type BenchServer,
  startEmbeddedProcess,
  startNullResponderProcess,
} from './servers/server-process.ts';

const HELP = `Runs one benchmark case under a profiler and says where the output is.

usage: npm run profile -- CASE [--flame | --doctor | --cpu-prof] [--seconds S]

  CASE         as in npm run bench -- --list --all
  --cpu-prof   Node's own CPU profile, for speedscope or Chrome's developer tools (default)
  --flame      flame graph of clinic
  --doctor     event loop, CPU and memory over time, of clinic
  --seconds S  measured time (default 5)

clinic is installed into bench/profile on first use. Where that fails, --cpu-prof is used instead.
`;

const HERE = dirname(fileURLToPath(import.meta.url));
const PROFILE_FOLDER = join(REPOSITORY, 'bench', 'profile');
const INSTALL_TIMEOUT_MS = 5 * 60_000;
const WARMUP_MS = 500;
const SECONDS = 5;
/** Over the measured time: clinic's analysis of a busy run takes a while. */
const PROFILE_GRACE_MS = 120_000;

const OPTIONS = {
  flame: { type: 'boolean' },
  doctor: { type: 'boolean' },
  'cpu-prof': { type: 'boolean' },
  seconds: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Tool = 'cpu-prof' | 'flame' | 'doctor';

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, { options: OPTIONS, allowPositionals: true });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const benchCase = caseNamed(positionals);
  const seconds = Number(values.seconds ?? SECONDS);
  if (!(seconds > 0 && seconds <= 600)) throw new UsageError('--seconds wants a number up to 600');
  const tool: Tool = values.flame ? 'flame' : values.doctor ? 'doctor' : 'cpu-prof';
  const peer = peerOf(benchCase);
  const [state] = peer === null ? [] : await preparePeers([peer], say);
  if (state?.missing) throw new Error(`npm ${state.name} cannot be used: ${state.missing}`);
  const server = await serverFor(benchCase);
  try {
    return await profile(benchCase, await usable(tool), seconds * 1000, server);
  } finally {
    await server?.stop();
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function caseNamed(positionals: readonly string[]): BenchCase {
  const [name, extra] = positionals;
  if (name === undefined || extra !== undefined)
    throw new UsageError('one CASE is wanted; see --help');
  const cases = allCases();
  const found = cases.find((benchCase) => benchCase.name === name);
  if (found !== undefined) return found;
  const near = nearestNames(
    name,
    cases.map((benchCase) => benchCase.name),
  );
  throw new UsageError(`no case '${name}'; near to it:\n  ${near.join('\n  ')}`);
}

async function serverFor(benchCase: BenchCase): Promise<BenchServer | null> {
  const responder = responderOptions(benchCase);
  if (responder !== null) return startNullResponderProcess(responder);
  if (benchCase.kind !== 'load') return null;
  if (benchCase.target === 'embedded') return startEmbeddedProcess();
  const real = await (benchCase.target === 'real' ? startRealServer() : startRealEnsemble());
  if (typeof real === 'string') throw new Error(real);
  return real;
}

/** The tool asked for, or Node's own when it cannot be had. */
async function usable(tool: Tool): Promise<Tool> {
  if (tool === 'cpu-prof' || clinicPath() !== null) return tool;
  say('installing clinic into bench/profile');
  const failed = await runCommand(
    process.platform === 'win32' ? 'npm.cmd' : 'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund'],
    { cwd: PROFILE_FOLDER, timeoutMs: INSTALL_TIMEOUT_MS },
  );
  if (failed === null && clinicPath() !== null) return tool;
  say(`clinic cannot be used (${failed ?? 'it is not there'}); --cpu-prof instead`);
  return 'cpu-prof';
}

function clinicPath(): string | null {
  try {
    return createRequire(join(PROFILE_FOLDER, 'package.json')).resolve('clinic/bin.js');
  } catch {
    return null;
  }
}

async function profile(
  benchCase: BenchCase,
  tool: Tool,
  measureMs: number,
  server: BenchServer | null,
): Promise<number> {
  const connectString = server?.connectString ?? '';
  const job: Job = { kind: 'case', case: benchCase, connectString, warmupMs: WARMUP_MS, measureMs };
  const folder = join(REPOSITORY, '.clinic', `${benchCase.name.replaceAll('/', '-')}-${tool}`);
  mkdirSync(folder, { recursive: true });
  const child = [join(HERE, 'child.js'), JSON.stringify(job)];
  const node = benchCase.kind === 'memory' ? ['--expose-gc'] : [];
  const failed = await runCommand(process.execPath, commandOf(tool, folder, node, child), {
    cwd: folder,
    timeoutMs: WARMUP_MS + measureMs + PROFILE_GRACE_MS,
    // clinic asks no questions then, and looks for no newer version.
    env: { NO_INSIGHT: '1', NO_UPDATE_NOTIFIER: '1' },
    inherit: true,
  });
  if (failed !== null) throw new Error(failed);
  process.stdout.write(`profile: ${folder}\n`);
  return 0;
}

function commandOf(tool: Tool, folder: string, node: string[], child: string[]): string[] {
  if (tool === 'cpu-prof') return ['--cpu-prof', `--cpu-prof-dir=${folder}`, ...node, ...child];
  const clinic = clinicPath() ?? '';
  return [
    clinic,
    tool,
    '--open=false',
    '--dest',
    folder,
    '--',
    process.execPath,
    ...node,
    ...child,
  ];
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (cause) {
  process.exitCode = cause instanceof UsageError ? 2 : 1;
  process.stderr.write(`profile: ${(cause as Error).message}\n`);
}
