import { describe, expect, it } from 'vitest';
import { type ReconnectCase, reconnectCases } from '../../../../bench/reconnect/cases.ts';
import { type ReconnectFigure, reconnectFigures } from '../../../../bench/reconnect/figures.ts';
import type { ReconnectCaseResult, ReconnectTurn } from '../../../../bench/reconnect/results.ts';
import { allTimes, mediansByTurn, percentileOrNull } from '../../../../bench/reconnect/samples.ts';

function turnOf(turn: number, recoveredMs: number[], unrecovered = 0): ReconnectTurn {
  const rest = { sinceBackMs: [], sessionsLost: 0, failed: 0, watchesKept: null };
  return { turn, recoveredMs, unrecovered, ...rest };
}

function caseNamed(name: string): ReconnectCase {
  const found = reconnectCases(false).find((each) => each.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}

function result(name: string, ...turns: number[][]): ReconnectCaseResult {
  return {
    case: caseNamed(name),
    subject: name,
    version: '1',
    policy: 'p',
    turns: turns.map((times, turn) => turnOf(turn, times)),
    failures: [],
  };
}

function figure(figures: readonly ReconnectFigure[], id: string): ReconnectFigure {
  const found = figures.find((each) => each.id === id);
  if (found === undefined) throw new Error(id);
  return found;
}

const upTo = (length: number, from: number): number[] =>
  Array.from({ length }, (_, index) => from + index);
const hundred = (from: number): number[] => upTo(100, from);

describe('samples', () => {
  it('counts a fault without recovery as infinitely long', () => {
    const lost: ReconnectCaseResult = {
      ...result('reset/null/3-addresses/zkwire'),
      turns: [turnOf(0, [3, 1]), turnOf(1, [], 1)],
    };
    expect(allTimes(lost)).toEqual([1, 3, Number.POSITIVE_INFINITY]);
    expect([...mediansByTurn(lost)]).toEqual([
      [0, 1],
      [1, Number.POSITIVE_INFINITY],
    ]);
  });

  it('gives a percentile only when two samples lie beyond it', () => {
    expect(percentileOrNull([], 0.5)).toBeNull();
    expect(percentileOrNull([7], 0.5)).toBe(7);
    expect(percentileOrNull(hundred(1), 0.99)).toBeNull();
    expect(percentileOrNull([...hundred(1), ...hundred(101)], 0.99)).toBe(198);
  });
});

describe('figures', () => {
  it('are all named, measured or not', () => {
    const figures = reconnectFigures([]);
    expect(figures.map(({ verdict }) => verdict)).toEqual(figures.map(() => 'not measured'));
    expect(new Set(figures.map(({ id }) => id)).size).toBe(figures.length);
  });

  it('are percentiles over all faults, with the spread of the same percentile of the turns', () => {
    const figures = reconnectFigures([
      result('reset/null/3-addresses/zkwire', hundred(1), hundred(101)),
    ]);
    expect(figure(figures, 'reset-null-p50')).toMatchObject({
      value: 100,
      min: 50,
      max: 150,
      verdict: 'missed',
      from: '200 faults in 2 turns',
    });
    // A hundred faults a turn are enough for a p99 of all of them, and not for one of each turn.
    expect(figure(figures, 'reset-null-p99')).toMatchObject({
      value: 198,
      min: null,
      max: null,
      verdict: 'missed',
    });
    const more = reconnectFigures([
      result('reset/null/3-addresses/zkwire', ...[1, 201].map((from) => upTo(200, from))),
    ]);
    expect(figure(more, 'reset-null-p99')).toMatchObject({ value: 396, min: 198, max: 398 });
  });

  it('are ratios of medians, turn by turn', () => {
    const figures = reconnectFigures([
      result('reset/real/3-addresses/zkwire', [2], [4], [8]),
      result('reset/real/3-addresses/bare-socket', [2], [2], [2]),
      result('reset/real/3-addresses/node-zookeeper-client', [6], [12], [24]),
      result('reset/real/1-address/zkwire', [2], [2]),
      result('reset/real/1-address/zookeeper', [3000], [1500]),
    ]);
    expect(figure(figures, 'reset-real-over-bare-socket')).toMatchObject({
      value: 2,
      min: 1,
      max: 4,
      verdict: 'aim',
    });
    expect(figure(figures, 'reset-real-node-zookeeper-client')).toMatchObject({
      value: 3,
      verdict: 'must',
    });
    expect(figure(figures, 'reset-real-zookeeper-1-address')).toMatchObject({
      value: 1125,
      verdict: 'aim',
    });
  });
});
