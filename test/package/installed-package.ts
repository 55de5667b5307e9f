import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../unit/package/run-node.ts';

/**
 * A new folder of a user who has installed the package as npm would publish it: what `dist` holds now,
 * packed and installed by npm, without a network.
 */
export function installPackage(): string {
  const directory = mkdtempSync(join(tmpdir(), 'zkwire-user-'));
  // Nothing is fetched, so an empty cache does; the user's own may be where nobody may write.
  const flags = ['--loglevel=error', '--cache', join(directory, 'npm-cache')];
  const npm = (args: readonly string[], cwd: string): string =>
    execFileSync('npm', [...args, ...flags], { cwd, encoding: 'utf8' }).trim();
  const tarball = npm(['pack', '--ignore-scripts', '--pack-destination', directory], ROOT);
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ private: true }));
  npm(['install', '--offline', '--no-audit', '--no-fund', join(directory, tarball)], directory);
  return directory;
}
