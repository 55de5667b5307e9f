import { cpSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { filesIn, makeDirectory, OpenedStorage } from './storage-rig.ts';

const root = makeDirectory();
/** `/a` to `/d`: two in a log each, and a snapshot behind each log. */
const original = join(root.path, 'original');
let dataDir = '';
let copies = 0;

beforeAll(async () => {
  const opened = await OpenedStorage.open(original);
  for (const name of ['a', 'b', 'c', 'd']) {
    opened.create(name);
    if (name === 'b' || name === 'd') await opened.storage.snapshot();
  }
  await opened.close();
});
afterAll(() => root.remove());

beforeEach(() => {
  dataDir = join(root.path, `copy-${++copies}`);
  cpSync(original, dataDir, { recursive: true });
  truncateSync(pathOf('snapshot.4'), 100);
});

function pathOf(name: string): string {
  return join(dataDir, 'version-2', name);
}

describe('a snapshot that cannot be read and is newer than everything else', () => {
  it.each([
    ['the last log', ['log.3'], 2n],
    ['every log', ['log.1', 'log.3'], 2n],
    ['everything', ['log.1', 'log.3', 'snapshot.0', 'snapshot.2'], 0n],
  ])('is a loss without %s: that is refused', async (_, gone, last) => {
    for (const name of gone) rmSync(pathOf(name));
    const before = filesIn(dataDir);
    const refusal = { code: 'LOG_DAMAGED', file: pathOf('snapshot.4') };
    const opening = OpenedStorage.open(dataDir);
    await expect(opening).rejects.toMatchObject(refusal);
    await expect(opening).rejects.toThrow(`those behind 0x${last.toString(16)}`);
    expect(filesIn(dataDir)).toEqual(before);
  });

  it('is kept aside when the loss is agreed to', async () => {
    rmSync(pathOf('log.3'));
    const bytes = readFileSync(pathOf('snapshot.4'));
    const opened = await OpenedStorage.open(dataDir, { onDamagedLog: 'truncate' });
    await opened.close();
    expect(opened.tree.lastZxid).toBe(2n);
    expect(opened.notices.map(({ file }) => file)).toEqual(Array(2).fill(pathOf('snapshot.4')));
    const [aside] = readdirSync(dataDir).filter((name) => name.startsWith('damaged-'));
    expect(readFileSync(join(dataDir, aside ?? '', 'snapshot.4'))).toEqual(bytes);
    const again = await OpenedStorage.open(dataDir);
    await again.close();
    expect(again.notices).toEqual([]);
    expect(again.state).toEqual(opened.state);
  });

  it('is no loss while the logs have it all', async () => {
    const opened = await OpenedStorage.open(dataDir);
    await opened.close();
    expect(opened.tree.lastZxid).toBe(4n);
    expect(opened.notices).toMatchObject([{ file: pathOf('snapshot.4') }]);
  });
});
