import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import process from 'node:process';
import { SOCKET_CALLS_BYTES, SOCKET_CALLS_FILE } from '../load/io-counts.ts';
import { REPOSITORY } from '../repository.ts';
import { runCommand } from '../run-command.ts';

const SOURCES = join(REPOSITORY, 'bench', 'drivers', 'socket-calls');
const SOURCE = join(SOURCES, 'socket-calls.c');
const CACHE = join(REPOSITORY, 'build', 'bench', 'drivers');
const COMPILE_TIMEOUT_MS = 60_000;

/** Counts `recv` and `send` of child processes, by a library that is preloaded into them. */
export interface SocketCallCounter {
  /** Runs `work` with what the environment of one child needs, and takes the counts away after it. */
  with<Result>(work: (env: Record<string, string>) => Promise<Result>): Promise<Result>;
}

/** Compiles it when it is not there yet. Null where that is not possible: not on Linux, or no compiler. */
export async function buildSocketCallCounter(): Promise<SocketCallCounter | null> {
  if (process.platform !== 'linux') return null;
  const hash = createHash('sha256').update(readFileSync(SOURCE)).update(process.arch).digest('hex');
  const library = join(CACHE, `socket-calls-${hash.slice(0, 16)}.so`);
  if (!existsSync(library) && (await compile(library)) !== null) return null;
  let children = 0;
  return {
    async with(work) {
      const counts = join(CACHE, `socket-calls-${process.pid}-${children++}`);
      writeFileSync(counts, Buffer.alloc(SOCKET_CALLS_BYTES));
      try {
        return await work({ ...preloading(library), [SOCKET_CALLS_FILE]: counts });
      } finally {
        rmSync(counts, { force: true });
      }
    },
  };
}

/** By its name and where it lies: a path that has a space would be two in LD_PRELOAD, and be passed over. */
function preloading(library: string): Record<string, string> {
  const others = process.env.LD_LIBRARY_PATH;
  const folders = others ? [CACHE, others] : [CACHE];
  return { LD_PRELOAD: basename(library), LD_LIBRARY_PATH: folders.join(delimiter) };
}

async function compile(library: string): Promise<string | null> {
  mkdirSync(CACHE, { recursive: true });
  const unfinished = `${library}.${process.pid}`;
  const args = ['-O2', '-shared', '-fPIC', '-o', unfinished, SOURCE];
  const options = { cwd: SOURCES, timeoutMs: COMPILE_TIMEOUT_MS };
  const failed = await runCommand(process.env.CC ?? 'cc', args, options);
  if (failed === null) renameSync(unfinished, library);
  return failed;
}
