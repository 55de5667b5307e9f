import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** The server that is measured unless another is named. */
export interface BenchServer {
  readonly connectString: string;
  /** CPU time so far, in microseconds; null where there is no /proc. */
  cpuUs(): number | null;
  /** Ends it and waits for that. */
  stop(): Promise<void>;
}

/** A server that says nothing for so long does not come. */
const START_TIMEOUT_MS = 30_000;

/** The unit of times in /proc is 1/100 s on every Linux that Node runs on. */
const TICK_US = 10_000;

/**
 * Starts `zkwire serve`, data in memory, in a process of its own: on the client's own thread the two
 * would take the time from each other. `program`: path of the `zkwire` program.
 */
export async function startBenchServer(program: string, signal: AbortSignal): Promise<BenchServer> {
  const words = ['serve', '--port', '0', '--max-client-connections', '0'];
  const child = spawn(process.execPath, [program, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  try {
    const connectString = await servingAddress(child, signal);
    return {
      connectString,
      cpuUs: () => cpuUsOf(child.pid),
      stop: () => stopped(child),
    };
  } catch (error) {
    await stopped(child);
    throw error;
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** Waits for the line with the address. */
function servingAddress(child: ChildProcess, signal: AbortSignal): Promise<string> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(START_TIMEOUT_MS)]);
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`the server did not start: ${why}`));
    let said = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const address = /serving on (\S+:\d+)/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.once('error', (error) => fail(error.message));
    child.once('exit', () => fail(said.trim() || 'it ended'));
    limit.addEventListener('abort', () => fail('it was not waited for'), { once: true });
    if (limit.aborted) fail('it was not waited for');
  });
}

function cpuUsOf(pid: number | undefined): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold blanks; utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_US;
  } catch {
    return null;
  }
}
