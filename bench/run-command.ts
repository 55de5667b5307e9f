import { spawn } from 'node:child_process';
import process from 'node:process';

export interface CommandOptions {
  cwd: string;
  timeoutMs: number;
  /** Added to this process's environment. */
  env?: Record<string, string>;
  /** Shows the command's output instead of keeping it. */
  inherit?: boolean;
}

const TAIL_CHARS = 8_000;
const NPM_WORDS = /^npm (error|warn|ERR)/;
const TELLING = /error|not found|cannot|unable|failed/i;

/** Runs a command. Null when it ended with 0, else the reason: its last words, or why it did not start. */
export function runCommand(
  command: string,
  args: string[],
  options: CommandOptions,
): Promise<string | null> {
  const { cwd, timeoutMs, env = {}, inherit = false } = options;
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let tail = '';
  const keep = (chunk: Buffer): void => {
    tail = (tail + chunk.toString('utf8')).slice(-TAIL_CHARS);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return new Promise((resolve) => {
    child.on('error', (cause) => resolve(`${command} could not be started: ${cause.message}`));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(null);
      else resolve(`${command} ${args[0] ?? ''} ended with ${code ?? signal}: ${lastLines(tail)}`);
    });
  });
}

/** What went wrong, in a line or two: npm's own last words only say that something did. */
function lastLines(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.filter((line) => !NPM_WORDS.test(line) && TELLING.test(line));
  return (telling.length > 0 ? telling : lines).slice(-2).join(' | ') || 'no output';
}
