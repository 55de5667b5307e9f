import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as limits from '../../../src/limits.ts';
import { entryPoints, membersOf } from '../../../tools/api-docs/public-api.ts';
import { ROOT, runNode } from '../package/run-node.ts';
import { DocPackage, fencedBlocks } from './doc-blocks.ts';

const DOCUMENT = 'docs/client.md';
const text = readFileSync(join(ROOT, DOCUMENT), 'utf8');

/** Rows of the table of a section, as their cells. */
function rows(section: string): string[][] {
  const [, body = ''] = text.split(`\n## ${section}\n`);
  const [part = ''] = body.split('\n## ');
  const lines = part.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const count = (value: number): string => value.toLocaleString('en-US');
const seconds = (ms: number): string => `${ms / 1000} s`;
const kibibytes = (bytes: number): string => `${bytes / 1024} KiB`;
const mebibytes = (bytes: number): string => `${bytes / 1024 / 1024} MiB`;

describe(DOCUMENT, () => {
  const user = new DocPackage();

  afterAll(() => user.remove());

  it('has a program in CommonJS that prints what stands below it', async () => {
    const blocks = fencedBlocks(DOCUMENT, 'js cjs');
    expect(blocks).toHaveLength(1);
    for (const { code, output } of blocks) {
      writeFileSync(join(user.directory, 'program.cjs'), code);
      expect(await runNode(['program.cjs'], user.directory)).toEqual(output);
    }
  });

  it('tells the limits that there are', () => {
    expect(rows('Limits').map(([, value]) => value)).toEqual([
      count(limits.INFLIGHT_REQUESTS_MAX),
      mebibytes(limits.INFLIGHT_BYTES_MAX),
      `${count(limits.FRAME_BODY_BYTES_MAX)} bytes`,
      `${kibibytes(limits.REPLY_EXTRA_BYTES)} more`,
      count(limits.BATCH_REQUESTS_MAX),
      count(limits.WALK_AHEAD_NODES_MAX),
      count(limits.WATCH_QUEUE_EVENTS_MAX),
      count(limits.CREDENTIALS_MAX),
      expect.stringContaining(`${mebibytes(limits.SLABS_FREE_MAX * limits.SLAB_BYTES)}; `),
    ]);
    expect(rows('Limits').at(-1)?.[1]).toContain(mebibytes(limits.LARGE_SLABS_FREE_BYTES_MAX));
    expect(text).toContain(`up to ${limits.SERVERS_MAX} servers`);
  });

  it('tells the time-outs that there are', () => {
    const values = rows('Waits that end').map(([, , value = '']) => value);
    expect(values.slice(2)).toEqual([
      `${seconds(limits.CONNECT_TIMEOUT_MS)}, 1 round, none`,
      seconds(limits.SESSION_TIMEOUT_MS),
      seconds(limits.CLOSE_TIMEOUT_MS),
    ]);
    expect(text).toContain(`Time-outs are looked at every ${limits.DEADLINE_SWEEP_MS} ms`);
  });

  it('translates words of others into names that there are', () => {
    const declarations = entryPoints(ROOT).flatMap(({ names }) => [...names]);
    const known = new Set([
      ...declarations.map(([name]) => name),
      ...declarations.flatMap(([, declaration]) => membersOf(declaration).map(({ name }) => name)),
      ...['disconnected', 'lost', 'expired', 'session', 'resumed'],
    ]);
    const cells = rows('Words of Curator and kazoo').map(([, here = '']) => here);
    const codes = cells.flatMap((cell) => [...cell.matchAll(/`(?:zk\.)?([^`]+)`/g)]);
    expect(codes.length).toBeGreaterThan(15);
    expect(codes.flatMap(([, name = '']) => (known.has(name) ? [] : name))).toEqual([]);
  });
});
