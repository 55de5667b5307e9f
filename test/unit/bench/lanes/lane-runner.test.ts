import { describe, expect, it } from 'vitest';
import {
  type LaneCase,
  type LaneServers,
  NotHere,
  valuesOfTurns,
} from '../../../../bench/lanes/lane.ts';
import { planMs, runLaneCases } from '../../../../bench/lanes/lane-runner.ts';
import type { Progress } from '../../../../bench/progress.ts';
import type { Skipped } from '../../../../bench/results.ts';

function laneCase(name: string, group: string, turns: number): LaneCase {
  return { name, group, turns, turnMs: 100, peer: null };
}

/** A lane that writes down what is done, and fails where it is told to. */
async function run(cases: readonly LaneCase[], failing: readonly string[] = []) {
  const log: string[] = [];
  const said: string[] = [];
  const skipped: Skipped[] = [];
  const progress: Progress = {
    say: (line) => void said.push(line),
    turn: (name, turn, turns, leftMs) => void said.push(`${name} ${turn}/${turns} ${leftMs}`),
    done: (name, summary) => void said.push(`${name}: ${summary}`),
  };
  const context = { progress, skipped, leftMs: planMs(cases) };
  const lane = {
    async open([first]: readonly LaneCase[]): Promise<LaneServers> {
      const group = first?.group ?? '';
      if (group === 'absent') throw new NotHere('no such server');
      log.push(`open ${group}`);
      return { stop: async () => void log.push(`stop ${group}`) };
    },
    async measure({ name }: LaneCase) {
      log.push(name);
      const nth = log.filter((line) => line === name).length;
      if (failing.includes(`${name} ${nth}`)) throw new Error('it went away');
      return { subject: name.toUpperCase(), version: '1', values: { nth } };
    },
  };
  const results = await runLaneCases(lane, cases, context);
  return { log, said, skipped, results, leftMs: context.leftMs };
}

describe('runLaneCases', () => {
  it('lets the cases of a group take turns on its servers, there and back', async () => {
    const cases = [laneCase('a', 'one', 2), laneCase('b', 'one', 3), laneCase('c', 'two', 1)];
    const { log, results, said, leftMs } = await run(cases);
    expect(log).toEqual([
      ...['open one', 'a', 'b', 'b', 'a', 'b', 'stop one'],
      ...['open two', 'c', 'stop two'],
    ]);
    expect(results.map(({ subject, turns }) => [subject, turns.length])).toEqual([
      ['A', 2],
      ['B', 3],
      ['C', 1],
    ]);
    expect(said.slice(0, 2)).toEqual(['a 1/2 600', 'b 1/3 500']);
    expect(said).toContain('b: 3 of 3 turns');
    expect(leftMs).toBe(0);
  });

  it('goes on after a turn that failed, and tells of it', async () => {
    const { results, skipped, said } = await run([laneCase('a', 'one', 3)], ['a 2']);
    const [result] = results;
    expect(result?.failures).toEqual([{ turn: 1, reason: 'it went away' }]);
    expect(result && valuesOfTurns(result, 'nth')).toEqual([1, null, 3]);
    expect(result && valuesOfTurns(result, 'other')).toEqual([null, null, null]);
    expect(skipped).toEqual([{ name: 'a, turn 2', reason: 'FAILED: it went away' }]);
    expect(said).toContain('a: 2 of 3 turns; FAILED: it went away');
  });

  it('leaves out a group whose servers are not here', async () => {
    const { log, results, skipped, leftMs } = await run([
      laneCase('a', 'absent', 2),
      laneCase('b', 'one', 1),
    ]);
    expect(log).toEqual(['open one', 'b', 'stop one']);
    expect(results.map((result) => result.case.name)).toEqual(['b']);
    expect(skipped).toEqual([{ name: 'absent', reason: 'no such server' }]);
    expect(leftMs).toBe(0);
  });

  it('stops the servers of a group, and goes on with the others when those of one fail', async () => {
    const log: string[] = [];
    const progress: Progress = { say: () => {}, turn: () => {}, done: () => {} };
    const lane = {
      async open([first]: readonly LaneCase[]): Promise<LaneServers> {
        if (first?.group === 'two') throw new Error('no port');
        return { stop: async () => void log.push(`stop ${first?.group}`) };
      },
      measure: async () => ({ subject: '', version: '', values: {} }),
    };
    const cases = [laneCase('a', 'one', 1), laneCase('b', 'two', 3), laneCase('c', 'three', 1)];
    const context = { progress, skipped: [], leftMs: planMs(cases) };
    const results = await runLaneCases(lane, cases, context);
    expect(log).toEqual(['stop one', 'stop three']);
    // A failure, so that the run ends with 1, and what was measured is kept.
    expect(results.map(({ turns, failures }) => [turns.length, failures.length])).toEqual([
      [1, 0],
      [0, 1],
      [1, 0],
    ]);
    expect(context.skipped).toEqual([{ name: 'two', reason: 'FAILED: no server: no port' }]);
    expect(context.leftMs).toBe(0);
  });
});
