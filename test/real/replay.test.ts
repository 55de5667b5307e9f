import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { replay } from '../../src/cli/replay/replay-command.ts';
import { startServer } from '../../tools/zookeeper/index.ts';
import { describeApache } from './support/real-zookeeper.ts';

/** They do not meet on one server: each has paths of its own. */
const SESSIONS = ['c-acl', 'go-basic', 'java-watches', 'kazoo-multi', 'kazoo-session'];

async function run(name: string, address: string): Promise<readonly [number, string[]]> {
  const file = fileURLToPath(new URL(`../fixtures/sessions/${name}.json`, import.meta.url));
  const stdout = new PassThrough();
  const printed = text(stdout);
  const { signal } = new AbortController();
  const io = { stdin: Readable.from([]), stdout, stderr: process.stderr, stopSignal: signal };
  const exitCode = await replay([file, address], io);
  stdout.end();
  return [exitCode, (await printed).trimEnd().split('\n').slice(0, -1)];
}

describeApache('zkwire replay on a real server', () => {
  it('is answered as when it was recorded', async () => {
    await using server = await startServer({ fastStart: true, extendedTypesEnabled: true });
    for (const name of SESSIONS) {
      expect([name, ...(await run(name, server.connectString))]).toEqual([name, 0, []]);
    }
  });
});
