import { describe, expect, it } from 'vitest';
import {
  JuteReader,
  JuteWriter,
  readSetWatches,
  readSetWatches2,
} from '../../../src/codec/index.ts';
import { SET_WATCHES_BYTES_MAX } from '../../../src/limits.ts';
import { type SetWatchesBatch, writeSetWatches } from '../../../src/session/set-watches.ts';
import { WATCH_KINDS } from '../../../src/session/watch-kinds.ts';
import { WatchRegistry } from '../../../src/session/watch-registry.ts';

const registry = (): WatchRegistry =>
  new WatchRegistry('', (error) => {
    throw error;
  });
const listener = (): void => {};

function encoded(batch: SetWatchesBatch, relativeZxid = 5n): Buffer {
  const writer = JuteWriter.standalone();
  writeSetWatches(writer, batch, relativeZxid);
  return writer.finished();
}

/** Request header and record. */
const bodyBytes = (batch: SetWatchesBatch): number => 8 + encoded(batch).length;

describe('setWatches', () => {
  it('nothing watched: nothing to send', () => {
    expect(registry().setWatchesBatches()).toEqual([]);
  });

  it('one-shot watches only: op 101, which servers before 3.6 know', () => {
    const watches = registry();
    watches.add('data', '/d', listener);
    watches.add('exist', '/e', listener);
    watches.add('child', '/c', listener);
    const [batch, ...more] = watches.setWatchesBatches();
    expect([batch?.op, more]).toEqual([101, []]);
    expect(readSetWatches(JuteReader.over(encoded(batch!, 0x1_0000_0009n)))).toEqual({
      relativeZxid: 0x1_0000_0009n,
      dataWatches: ['/d'],
      existWatches: ['/e'],
      childWatches: ['/c'],
    });
  });

  it.each(['persistent', 'recursive'] as const)('a %s one: op 105', (kind) => {
    const watches = registry();
    watches.add(kind, '/p', listener);
    watches.add('data', '/d', listener);
    const [batch] = watches.setWatchesBatches();
    expect(batch?.op).toBe(105);
    const record = readSetWatches2(JuteReader.over(encoded(batch!)));
    expect(record).toEqual({
      relativeZxid: 5n,
      dataWatches: ['/d'],
      existWatches: [],
      childWatches: [],
      persistentWatches: kind === 'persistent' ? ['/p'] : [],
      persistentRecursiveWatches: kind === 'recursive' ? ['/p'] : [],
    });
  });

  it('many are cut below the limit, none is lost, none comes twice (ZOOKEEPER-706)', () => {
    const watches = registry();
    const paths = Array.from({ length: 20_000 }, (_, n) => `/watched/ünïcode/${n}`);
    paths.forEach((path, n) => {
      watches.add(WATCH_KINDS[n % 5]!, path, listener);
    });
    const batches = watches.setWatchesBatches();
    const named = batches.flatMap((batch) => WATCH_KINDS.flatMap((kind) => batch[kind]));
    expect(named.sort()).toEqual(paths.sort());
    const sizes = batches.map(bodyBytes);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(SET_WATCHES_BYTES_MAX);
    // Full but for less than one path each: no batch too many.
    for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThan(SET_WATCHES_BYTES_MAX - 64);
  });

  it('a client whose requests must be shorter has shorter ones', () => {
    const watches = registry();
    for (let n = 0; n < 100; n++) watches.add('data', `/watched/${n}`, listener);
    const batches = watches.setWatchesBatches(200);
    expect(batches.flatMap((batch) => batch.data)).toHaveLength(100);
    expect(Math.max(...batches.map(bodyBytes))).toBeLessThanOrEqual(200);
  });

  it('a client whose requests may be longer has no longer ones: servers would not read them', () => {
    const watches = registry();
    for (let n = 0; n < 20_000; n++) watches.add('data', `/watched/${n}`, listener);
    const sizes = watches.setWatchesBatches(0xfffff).map(bodyBytes);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(SET_WATCHES_BYTES_MAX);
  });

  it('op by batch: those without a lasting watch are 101', () => {
    const watches = registry();
    for (let n = 0; n < 3; n++) watches.add('data', `/${n}${'x'.repeat(100_000)}`, listener);
    watches.add('recursive', '/r', listener);
    expect(watches.setWatchesBatches().map((batch) => batch.op)).toEqual([101, 101, 105]);
  });

  it('a batch is filled to the last byte', () => {
    const room = SET_WATCHES_BYTES_MAX - 36;
    const watches = registry();
    watches.add('persistent', `/${'a'.repeat(room - 4 - 1 - 6)}`, listener);
    watches.add('data', '/b', listener);
    expect(watches.setWatchesBatches().map(bodyBytes)).toEqual([SET_WATCHES_BYTES_MAX]);
    watches.add('data', '/', listener);
    expect(watches.setWatchesBatches()).toHaveLength(2);
    const fuller = registry();
    fuller.add('persistent', `/${'a'.repeat(room - 4 - 1 - 6)}`, listener);
    fuller.add('data', '/bb', listener);
    expect(fuller.setWatchesBatches()).toHaveLength(2);
  });

  it('all kinds of a path go together: an older server keeps the mode that it is told last', () => {
    const watches = registry();
    for (let n = 0; n < 400; n++) {
      for (const kind of WATCH_KINDS) watches.add(kind, `/${n}${'x'.repeat(997 + n)}`, listener);
    }
    const batches = watches.setWatchesBatches();
    expect(batches.length).toBeGreaterThan(10);
    const first = batches.findIndex((batch) => batch.child.length > 0);
    for (const [index, batch] of batches.entries()) {
      expect(bodyBytes(batch)).toBeLessThanOrEqual(SET_WATCHES_BYTES_MAX);
      if (index >= first) continue;
      for (const kind of ['exist', 'persistent', 'recursive'] as const) {
        expect(batch[kind]).toEqual(batch.data);
      }
    }
    // A child watch is lost below a recursive one that comes after it.
    const last = batches.slice(first);
    expect(last.flatMap((batch) => batch.child)).toHaveLength(400);
    expect(last.every((batch) => batch.op === 101 && batch.data.length === 0)).toBe(true);
  });

  it('child watches of paths without a recursive one wait for nothing', () => {
    const watches = registry();
    for (const kind of ['child', 'persistent'] as const) watches.add(kind, '/a', listener);
    for (const kind of ['child', 'recursive'] as const) watches.add(kind, '/b', listener);
    const empty = { data: [], exist: [], child: [], persistent: [], recursive: [] };
    expect(watches.setWatchesBatches()).toEqual([
      { ...empty, op: 105, child: ['/a'], persistent: ['/a'], recursive: ['/b'] },
      { ...empty, op: 101, child: ['/b'] },
    ]);
  });

  it('a path that is too long for a batch goes alone, kind by kind', () => {
    const watches = registry();
    const long = `/${'x'.repeat(SET_WATCHES_BYTES_MAX)}`;
    watches.add('data', '/before', listener);
    watches.add('data', long, listener);
    watches.add('child', long, listener);
    watches.add('exist', '/after', listener);
    const paths = watches
      .setWatchesBatches()
      .map((batch) => WATCH_KINDS.flatMap((kind) => batch[kind].map((path) => path.slice(0, 6))));
    expect(paths).toEqual([['/befor'], ['/xxxxx'], ['/xxxxx'], ['/after']]);
  });
});
