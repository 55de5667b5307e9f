import { describe, expect, it } from 'vitest';
import { allCases } from '../../../bench/cases.ts';
import { computeFigures, type FigureResult } from '../../../bench/figures.ts';
import type { CaseResult } from '../../../bench/results.ts';

function result(name: string, valueName: string, values: (number | null)[]): CaseResult {
  const found = allCases().find((benchCase) => benchCase.name === name);
  if (found === undefined) throw new Error(name);
  const turns = values.flatMap((value, turn) =>
    value === null ? [] : [{ turn, values: { [valueName]: value } }],
  );
  return { case: found, subject: name, version: '1', turns, failures: [] };
}

function figureOf(id: string, cases: readonly CaseResult[]): FigureResult | undefined {
  return computeFigures(cases).find((figure) => figure.id === id);
}

const rates = (client: string, values: (number | null)[]): CaseResult =>
  result(`load/null/get/100B/depth-1024/${client}`, 'opsPerSecond', values);

describe('against the best of the Java, C and Go clients', () => {
  const id = 'against-best-of-java-c-go';
  const ours = rates('zkwire-promise', [1_000, 3_000, 4_000]);

  it('takes the best of each turn', () => {
    const cases = [
      ours,
      rates('java', [50, 10, 20]),
      rates('c', [10, 100, 30]),
      rates('go', [20, 20, 100]),
    ];
    // 1000/50, 3000/100, 4000/100
    expect(figureOf(id, cases)).toMatchObject({ value: 30, min: 20, max: 40, turns: 3 });
  });

  it('leaves out turns in which one of the three is missing', () => {
    const cases = [
      ours,
      rates('java', [50, null, 20]),
      rates('c', [10, 100, null]),
      rates('go', [20, 20, 100]),
    ];
    expect(figureOf(id, cases)).toMatchObject({ value: 20, turns: 1, verdict: 'must' });
    expect(figureOf(id, cases.slice(0, 3))).toMatchObject({
      value: null,
      verdict: 'not measured',
    });
  });
});

describe('CPU time on a real server', () => {
  const cpu = (client: string, values: number[]): CaseResult =>
    result(`load/real/get/100B/depth-128/${client}`, 'cpuUsPerOp', values);

  it("is a share of each npm client's, and less is better", () => {
    const cases = [
      cpu('zkwire-promise', [5, 6, 7]),
      cpu('zookeeper', [50, 50, 50]),
      cpu('node-zookeeper-client', [10, 10, 10]),
    ];
    expect(figureOf('cpu-against-zookeeper', cases)).toMatchObject({ value: 0.12, verdict: 'aim' });
    expect(figureOf('cpu-against-node-zookeeper-client', cases)).toMatchObject({
      value: 0.6,
      verdict: 'must',
    });
    const dear = [cpu('zkwire-promise', [8]), cpu('node-zookeeper-client', [10])];
    expect(figureOf('cpu-against-node-zookeeper-client', dear)).toMatchObject({
      value: 0.8,
      verdict: 'missed',
    });
  });
});

describe('bounds', () => {
  it('are the strict ones, one row a figure', () => {
    const figures = computeFigures([]);
    const bounds = Object.fromEntries(figures.map(({ id, must, aim }) => [id, [must, aim]]));
    expect(Object.keys(bounds)).toHaveLength(figures.length);
    for (const baseline of ['raw-promise', 'raw-socket']) {
      expect(bounds[`share-of-${baseline}-depth-1`]).toEqual([0.95, 0.98]);
      expect(bounds[`share-of-${baseline}-depth-128`]).toEqual([0.7, 0.8]);
      expect(bounds[`share-of-${baseline}-depth-1024`]).toEqual([0.45, 0.5]);
    }
    expect(bounds['against-zookeeper']).toEqual([200, 250]);
    expect(bounds['against-node-zookeeper-client']).toEqual([50, 70]);
    expect(bounds['against-best-of-java-c-go']).toEqual([20, 30]);
  });
});
