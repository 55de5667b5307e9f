import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type ServerOptions,
  startServer,
  type ZooKeeperServer,
} from '../../../tools/zookeeper/index.ts';
import { describeReal } from '../../real/support/real-zookeeper.ts';
import { DocPackage, docBlocks, masked } from './doc-blocks.ts';

/** Guides whose every block prints something, and what their servers are to be. */
const GUIDES: readonly (readonly [document: string, server: ServerOptions])[] = [
  ['docs/sessions.md', {}],
  ['docs/watches.md', {}],
  ['docs/security.md', { tls: true, sasl: { users: { bob: 'bobsecret' } } }],
];

/** The files that `docs/security.md` reads. */
function giveCertificates({ tls }: ZooKeeperServer, directory: string): void {
  if (tls === undefined) return;
  copyFileSync(tls.ca, join(directory, 'ca.pem'));
  copyFileSync(tls.cert, join(directory, 'client.pem'));
  copyFileSync(tls.key, join(directory, 'client.key'));
}

describe.each(GUIDES)('%s', (document, options) => {
  const blocks = docBlocks(document);
  const user = new DocPackage();

  afterAll(() => user.remove());

  it('has blocks that compile, each on its own', () => {
    expect(user.compile(blocks)).toBe('');
    expect(blocks.length).toBeGreaterThanOrEqual(3);
  });

  describeReal('on a fresh server', () => {
    it('prints what stands below each block', async () => {
      await using server = await startServer({ fastStart: true, ...options });
      giveCertificates(server, user.directory);
      const printed: string[][] = [];
      for (const index of blocks.keys()) printed.push(masked(await user.run(index, server)));
      expect(printed).toEqual(blocks.map(({ output }) => masked(output)));
    });
  });
});
