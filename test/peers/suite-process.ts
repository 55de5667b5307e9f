import { spawn } from 'node:child_process';
import { dieWithParentPrefix, ownChild } from '../../tools/zookeeper/owned-resources.ts';

/** How a process of a suite ended, and what it printed. */
export interface SuiteResult {
  /** Standard output and error, in the order in which they came. */
  readonly output: string;
  /** Exit code; null: it was killed. */
  readonly code: number | null;
}

export interface SuiteOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** After this it is killed, with everything that it has started. */
  readonly timeoutMs: number;
}

const OUTPUT_CHARS_MAX = 16 * 1024 * 1024;

/**
 * Runs a suite to its end in a process group of its own, and ends whatever it leaves behind there: other people's
 * harnesses forget their servers when a test breaks. It does not outlive this process. Rejects if it cannot be started.
 */
export async function runSuite(
  command: string,
  args: readonly string[],
  { cwd, env, timeoutMs }: SuiteOptions,
): Promise<SuiteResult> {
  const [program, ...words] = [...dieWithParentPrefix(), command, ...args] as [string, ...string[]];
  const child = spawn(program, words, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  ownChild(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_CHARS_MAX);
    });
  }
  const end = (): void => endGroup(child.pid);
  const timer = setTimeout(end, timeoutMs);
  // The test runner has gone, and this process of its own is left to itself.
  process.once('disconnect', end);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      // Not `close`: a server left behind would hold the pipes open.
      child.once('exit', (exitCode) => resolve(exitCode));
    });
    return { output, code };
  } finally {
    clearTimeout(timer);
    process.off('disconnect', end);
    end();
  }
}

function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}
