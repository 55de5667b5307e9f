import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Lines that a Node.js process prints. Rejects, with what it wrote to standard error, when it fails. */
export async function runNode(args: readonly string[], cwd: string): Promise<string[]> {
  const { stdout } = await execute(process.execPath, [...args], { cwd, timeout: 120_000 });
  return stdout.trimEnd().split('\n');
}

/** Root of the repository. */
export const ROOT: string = fileURLToPath(new URL('../../..', import.meta.url));
