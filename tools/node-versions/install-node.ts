import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A Node.js that tests can be run with. */
export interface InstalledNode {
  /** As it was asked for: `22` or `20.19.0`. */
  readonly wanted: string;
  /** What came: `22.23.3`. */
  readonly version: string;
  readonly path: string;
}

/** The package with the program for a platform, as npm's package `node` chooses it. */
export function nodePackage(platform: NodeJS.Platform, arch: string): string {
  return `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
}

/**
 * Installs the newest Node.js of a major, or exactly one version, into `folder`, if it is not there yet.
 * Throws what npm said when that fails.
 */
export function installNode(wanted: string, folder: string): InstalledNode {
  const prefix = join(folder, wanted);
  const installed = join(prefix, 'node_modules', 'node');
  if (!existsSync(join(installed, 'package.json'))) {
    mkdirSync(prefix, { recursive: true });
    const alias = `node@npm:${nodePackage(process.platform, process.arch)}@${wanted}`;
    const flags = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', ['install', '--ignore-scripts', ...flags, '--prefix', prefix, alias], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    version: string;
  };
  return { wanted, version, path: join(installed, 'bin', 'node') };
}

/** Environment in which `node` is this one, for tests that start programs by name. */
export function environmentOf({ path }: InstalledNode): NodeJS.ProcessEnv {
  const bin = join(path, '..');
  return { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` };
}
