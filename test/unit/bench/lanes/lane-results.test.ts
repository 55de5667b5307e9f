import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  isLaneFile,
  LANE_RESULTS,
  type LaneResults,
  readLaneResults,
} from '../../../../bench/lanes/lane-results.ts';
import { writeResults } from '../../../../bench/publish.ts';
import { ENVIRONMENT_EXAMPLE } from '../environment-example.ts';

const RESULTS: LaneResults = {
  kind: 'growth',
  schema: 1,
  startedAt: '2026-01-02T03:04:05.000Z',
  elapsedSeconds: 12.5,
  command: 'npm run bench:growth',
  quick: false,
  environment: { ...ENVIRONMENT_EXAMPLE, commit: null, peers: { zookeeper: '7.2.2' } },
  charts: [
    {
      name: 'growth/payload/get',
      title: 'get by payload',
      kind: 'curve',
      xName: 'payload',
      xUnit: 'B',
      xScale: 'log',
      yName: 'CPU per operation',
      yUnit: 'us',
      yScale: 'log',
      note: 'the client is the limit',
      series: [
        {
          name: 'zkwire-promise',
          subject: 'zkwire (promises)',
          version: '0.1.0',
          points: [{ x: 0, values: [1.5, null, 1.75] }],
        },
      ],
    },
  ],
  figures: [],
  skipped: [{ name: 'a case', reason: 'a reason' }],
  notMeasured: ['a network'],
};

describe('results of a lane', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zkwire-lane-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function written(results: object): string {
    const path = join(folder, 'results.json');
    writeResults(path, results);
    return path;
  }

  it('come back from a file as they were', () => {
    const path = written(RESULTS);
    expect(isLaneFile(path)).toBe(true);
    expect(readLaneResults(path)).toEqual(RESULTS);
  });

  it('are not read when another program wrote them', () => {
    const path = written({ ...RESULTS, schema: 2 });
    expect(() => readLaneResults(path)).toThrow(/has schema 2, this program reads 1/);
  });

  it.each([{ kind: 'reconnect', schema: 1 }, { schema: 1 }])('are not %o', (other) => {
    const path = written(other);
    expect(isLaneFile(path)).toBe(false);
    expect(() => readLaneResults(path)).toThrow(/has no results of a lane/);
  });

  it('are published under the name of their lane', () => {
    expect(LANE_RESULTS.latency).toMatch(/bench[/\\]results[/\\]latency\.json$/);
    expect(Object.keys(LANE_RESULTS)).toEqual(['latency', 'sustained', 'watches', 'growth']);
  });
});
