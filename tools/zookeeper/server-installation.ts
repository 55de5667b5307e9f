import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type FindOptions, findZooKeeper, type ZooKeeperInstallation } from './installation.ts';

/** zkwire's own server as it was built: it runs as a process of its own, and needs no Java. */
export interface EmbeddedInstallation {
  readonly source: 'embedded';
  /** The version of ZooKeeper that it behaves like. */
  readonly version: string;
  /** The `zkwire` program. */
  readonly main: string;
}

/** What a server is started from. */
export type ServerInstallation = ZooKeeperInstallation | EmbeddedInstallation;

/**
 * zkwire's own server: what `npm run build` made of it.
 *
 * @throws Error when it has not been built.
 */
export function embeddedInstallation(): EmbeddedInstallation {
  // By the package's own name: from the sources this file is not as deep as where it is built to.
  const root = dirname(createRequire(import.meta.url).resolve('zkwire/package.json'));
  const main = join(root, 'dist/cli/main.js');
  if (!existsSync(main)) throw new Error(`the embedded server is not built: no ${main}`);
  return { source: 'embedded', version: '3.8.0', main };
}

/** Which servers tests start: `ZKWIRE_TEST_SERVER` of the environment. Default `apache`. */
export function testServerKind(env: FindOptions['env'] = process.env): 'apache' | 'embedded' {
  const kind = env.ZKWIRE_TEST_SERVER || 'apache';
  if (kind === 'apache' || kind === 'embedded') return kind;
  throw new Error(`ZKWIRE_TEST_SERVER is apache or embedded, not ${kind}`);
}

/** What `startServer` starts unless it is told otherwise. */
export function defaultInstallation(env: FindOptions['env'] = process.env): ServerInstallation {
  return testServerKind(env) === 'embedded' ? embeddedInstallation() : findZooKeeper({ env });
}
