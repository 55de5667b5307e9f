import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { RecordingProxy } from '#cli/recording-proxy';
import type { CommandLine } from './toolchain.ts';

const DRIVER_LIMIT_MS = 240_000;
const POLL_MS = 10;

async function untilAnswered(proxy: RecordingProxy): Promise<void> {
  for (;;) {
    for (const record of proxy.records()) if (record.dir === 's2c') return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Does what a driver asks for by a line on its standard output. */
async function serve(proxy: RecordingProxy, line: string): Promise<void> {
  switch (line) {
    case 'hold':
      proxy.hold();
      return;
    case 'release':
      proxy.release();
      return;
    case 'wait s2c':
      await untilAnswered(proxy);
      return;
    default:
      throw new Error(`a driver printed '${line}'`);
  }
}

/**
 * Runs a driver to its end and serves what it asks of the proxy. Rejects if it fails or takes longer
 * than four minutes; the message ends with what it wrote to standard error.
 */
export async function runDriver(command: CommandLine, proxy: RecordingProxy): Promise<void> {
  const child = spawn(command.program, command.arguments, {
    env: { ...process.env, ...command.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: DRIVER_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let messages = '';
  child.stderr.on('data', (text) => {
    messages += text;
  });
  child.stdin.on('error', () => undefined);
  const exit = new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code === null ? `${signal}` : `exit code ${code}`));
  });
  for await (const line of createInterface(child.stdout)) {
    await serve(proxy, line);
    child.stdin.write('done\n');
  }
  const ending = await exit;
  if (ending !== 'exit code 0') {
    throw new Error(`${command.program} ${command.arguments.join(' ')}: ${ending}\n${messages}`);
  }
}
