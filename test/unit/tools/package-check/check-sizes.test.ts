import { expect, it } from 'vitest';
import { type SizeLimits, sizeProblems } from '../../../../tools/package-check/check-sizes.ts';
import type { PackageSizes } from '../../../../tools/package-check/package-sizes.ts';

const RECORD: PackageSizes = {
  packedBytes: 1_000,
  unpackedBytes: 4_000,
  files: 10,
  byGroup: { 'dist/codec': 2_000, docs: 2_000 },
  entries: { zkwire: { modules: 4, bytes: 2_000, byFolder: { codec: 1_500, client: 500 } } },
};

const LIMITS: SizeLimits = {
  package: {
    packedBytes: { max: 1_000, reason: 'downloads' },
    unpackedBytes: { max: 4_000, reason: 'disks' },
    files: { max: 10, reason: 'calls' },
  },
  entries: { zkwire: { modules: 4, bytes: 2_000, reason: 'starts' } },
};

const problems = (sizes: Partial<PackageSizes>): string[] =>
  sizeProblems({ ...RECORD, ...sizes }, RECORD, LIMITS);

it('is content at the limits', () => {
  expect(problems({})).toEqual([]);
});

it('says of the whole package what is too large, why that matters, and what grew', () => {
  const byGroup = { 'dist/codec': 2_010, docs: 3_500, schema: 20 };
  expect(problems({ packedBytes: 1_001, byGroup })).toEqual([
    'the packed package is over its limit: 1,001 B, not 1,000 B at most (downloads). ' +
      'Grown since the last record: docs +1,500 B, schema +20 B, dist/codec +10 B.',
  ]);
  expect(problems({ unpackedBytes: 5_000, files: 11 })).toEqual([
    'the unpacked package is over its limit: 5,000 B, not 4,000 B at most (disks). Grown since the last record: nothing.',
    'the number of files is over its limit: 11, not 10 at most (calls). Grown since the last record: nothing.',
  ]);
});

it('says of an entry point what it loads too much', () => {
  const more = { modules: 6, bytes: 2_400, byFolder: { codec: 1_500, client: 500, server: 400 } };
  expect(problems({ entries: { zkwire: more } })).toEqual([
    "import 'zkwire' loads 6 modules of 2,400 B, not 4 of 2,000 B at most (starts). " +
      'Grown since the last record: server +400 B. Modules: +2.',
  ]);
  const oneMore = { modules: 5, bytes: 1_900, byFolder: { codec: 1_500, client: 400 } };
  expect(problems({ entries: { zkwire: oneMore } })).toEqual([
    "import 'zkwire' loads 5 modules of 1,900 B, not 4 of 2,000 B at most (starts). " +
      'Grown since the last record: nothing. Modules: +1.',
  ]);
});

it('wants a limit of each entry point, and no other', () => {
  const zkwire = RECORD.entries.zkwire!;
  expect(problems({ entries: { zkwire, 'zkwire/new': zkwire } })).toEqual([
    'zkwire/new has no limit in package-limits.ts',
  ]);
  expect(problems({ entries: {} })).toEqual([
    'package-limits.ts has a limit of zkwire, which is no entry point',
  ]);
});
