import { describe, expect, it } from 'vitest';
import { reconnectCases } from '../../../../bench/reconnect/cases.ts';
import { reconnectFigures } from '../../../../bench/reconnect/figures.ts';
import { renderReconnectReport } from '../../../../bench/reconnect/report-text.ts';
import type {
  ReconnectCaseResult,
  ReconnectResults,
  ReconnectTurn,
} from '../../../../bench/reconnect/results.ts';
import { ENVIRONMENT_EXAMPLE } from '../environment-example.ts';

function caseResult(name: string, turns: Partial<ReconnectTurn>[]): ReconnectCaseResult {
  const found = reconnectCases(false).find((each) => each.name === name);
  if (found === undefined) throw new Error(name);
  const empty = { recoveredMs: [], sinceBackMs: [], unrecovered: 0, sessionsLost: 0, failed: 0 };
  return {
    case: found,
    subject: found.client,
    version: '1.2.3',
    policy: `policy of ${found.client}`,
    turns: turns.map((turn, index) => ({ ...empty, watchesKept: null, ...turn, turn: index })),
    failures: [],
  };
}

const many = 'reset/real/3-addresses/100000-watches';
const cases: ReconnectCaseResult[] = [
  caseResult('reset/null/3-addresses/zkwire', [
    { recoveredMs: [1, 2, 3] },
    { recoveredMs: [4, 5, 6], sessionsLost: 1 },
  ]),
  caseResult(`${many}/zkwire`, [{ recoveredMs: [500], watchesKept: 100_000 }]),
  caseResult(`${many}/node-zookeeper-client`, [{ recoveredMs: [600], watchesKept: 7 }]),
  caseResult(`${many}/zookeeper`, [{ unrecovered: 1 }]),
  caseResult('restart/real/1-address/zkwire', [{ recoveredMs: [1500], sinceBackMs: [120] }]),
  {
    ...caseResult('frozen/ensemble/2-addresses/zookeeper', []),
    subject: '',
    policy: '',
    failures: [{ turn: 0, reason: 'it went away' }],
  },
];

const results: ReconnectResults = {
  kind: 'reconnect',
  schema: 1,
  startedAt: '2026-11-21T10:00:00.000Z',
  elapsedSeconds: 1,
  command: 'npm run bench:reconnect',
  quick: false,
  environment: { ...ENVIRONMENT_EXAMPLE, zooKeeper: '3.8.0' },
  cases,
  skipped: [{ name: 'cases of npm x', reason: 'no compiler' }],
  figures: reconnectFigures(cases),
  notMeasured: ['the network'],
};

/** Cells of the row that has all of these words. */
function row(text: string, ...words: string[]): string[] {
  const line = text.split('\n').find((each) => words.every((word) => each.includes(word)));
  return (line ?? '').split('|').map((cell) => cell.trim());
}

describe('report of reconnects', () => {
  const text = renderReconnectReport(results);

  it('has percentiles over all faults and the spread of the turns', () => {
    const cells = row(text, 'null responder', 'zkwire 1.2.3');
    expect(cells.slice(6, 16)).toEqual([
      '3.00',
      '–',
      '3.50',
      '6.00',
      '2.00 – 5.00',
      '–',
      '0',
      '1',
      '–',
      '6',
    ]);
  });

  it('tells who is back without watches, who is not back, and who failed', () => {
    expect(row(text, '100,000', 'zkwire 1.2.3')).toContain('100,000');
    expect(row(text, '100,000', 'node-zookeeper-client')).toContain('7: LOST');
    expect(row(text, '100,000', '| zookeeper 1.2.3')).toContain('> 10,000');
    expect(row(text, 'frozen', 'failed')[6]).toBe('failed: it went away');
    expect(row(text, 'started again')).toContain('120');
  });

  it('has every policy, what was not run and what was not measured', () => {
    expect(text).toContain('- zkwire: policy of zkwire');
    expect(text).toContain('- cases of npm x: no compiler');
    expect(text).toContain('- the network');
    expect(text).toContain('npm run bench:reconnect');
    expect(text).not.toContain('NaN');
  });

  it('says when it is a quick run', () => {
    expect(text).not.toContain('not to be quoted');
    expect(renderReconnectReport({ ...results, quick: true })).toContain('not to be quoted');
  });
});
