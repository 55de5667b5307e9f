import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { createServer } from '../../src/server/index.ts';

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'zkwire-behaviour-'));
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

it('004.10 the files have ZooKeeper’s names, and the state survives a restart', async () => {
  const first = await createServer({ dataDir });
  const zk = await connect(first.connectString);
  await zk.create('/kept', 'data');
  const { stat } = await zk.get('/kept');
  await zk.close();
  await first.close();
  const files = readdirSync(join(dataDir, 'version-2'));
  expect(
    files.some((name) => /^log\.[\da-f]+$/.test(name)),
    String(files),
  ).toBe(true);
  expect(
    files.some((name) => /^snapshot\.[\da-f]+$/.test(name)),
    String(files),
  ).toBe(true);
  await using second = await createServer({ dataDir });
  await using again = await connect(second.connectString);
  expect(await again.get('/kept')).toEqual({ data: Buffer.from('data'), stat });
});
