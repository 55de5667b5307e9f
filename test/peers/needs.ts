import { spawnSync } from 'node:child_process';

/**
 * The Debian packages of these that are not there, or null when all are. A test that needs them is skipped, and the
 * reason is printed.
 */
export function missingPackages(suite: string, packages: readonly string[]): string | null {
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0) return null;
  const reason = `Debian's ${missing.join(', ')}`;
  process.stderr.write(`${suite} is skipped on the embedded server: it needs ${reason}\n`);
  return reason;
}

function isInstalled(name: string): boolean {
  const { status, stdout } = spawnSync('dpkg', ['-s', name], { encoding: 'utf8' });
  return status === 0 && stdout.includes('\nStatus: install ok installed\n');
}
