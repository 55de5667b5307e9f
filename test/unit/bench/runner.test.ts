import { expect, it } from 'vitest';
import { allCases } from '../../../bench/cases.ts';
import { QUICK_TIMES } from '../../../bench/plan.ts';
import { type RunContext, runCases } from '../../../bench/runner.ts';

it('runs the cases of a group there and back, and goes on after a turn that failed', async () => {
  const order: string[] = [];
  const done: string[] = [];
  const context: RunContext = {
    times: QUICK_TIMES,
    servers: { at: () => Promise.reject(new Error('none is wanted')) } as never,
    drivers: new Map(),
    progress: {
      say: () => {},
      turn: (name, turn, turns) => void order.push(`${name} ${turn}/${turns}`),
      done: (name) => void done.push(name),
    },
    leftMs: 0,
    endMs: Number.POSITIVE_INFINITY,
    cutShort: false,
  };
  const names = ['codec/decode-stat/zkwire', 'codec/decode-stat/node-zookeeper-client'];
  const cases = allCases()
    .filter(({ name }) => names.includes(name))
    .map((each) => ({ ...each, turns: 2 }));
  // Here is no compiled child, so every turn fails: what counts is who is next.
  const results = await runCases(cases, context);
  const [first, second] = cases.map(({ name }) => name);
  expect(order).toEqual([`${first} 1/2`, `${second} 1/2`, `${second} 2/2`, `${first} 2/2`]);
  expect(done).toEqual([first, second]);
  expect(results.map(({ failures }) => failures.map(({ turn }) => turn))).toEqual([
    [0, 1],
    [0, 1],
  ]);
});
