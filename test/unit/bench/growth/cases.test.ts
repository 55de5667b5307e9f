import { describe, expect, it } from 'vitest';
import { growthCases, XS } from '../../../../bench/growth/cases.ts';
import { planMs } from '../../../../bench/lanes/lane-runner.ts';

describe('growthCases', () => {
  it('walk every curve that has to be shown', () => {
    const cases = growthCases(false);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    expect(new Set(cases.map(({ group }) => group))).toEqual(
      new Set([
        'growth/payload/get',
        'growth/payload/set',
        'growth/depth',
        'growth/children',
        'growth/watches',
        'growth/connections',
      ]),
    );
    for (const each of cases) expect(each.xs).toEqual(XS[each.curve]);
    expect(XS.depth.at(-1)).toBe(65_536);
    expect(XS.children.at(-1)).toBe(100_000);
    expect(XS.watches.at(-1)).toBe(1_000_000);
    expect(XS.connections.at(-1)).toBe(1_000);
  });

  it('quote figures from ten turns', () => {
    const turns = new Map(growthCases(false).map((each) => [each.name, each.turns]));
    expect(turns.get('growth/depth/zkwire-promise')).toBe(10);
    expect(turns.get('growth/depth/zkwire-callback')).toBe(10);
    expect(turns.get('growth/depth/raw-promise')).toBe(10);
    expect(turns.get('growth/children/zkwire-promise')).toBe(10);
    expect(turns.get('growth/depth/zookeeper')).toBe(2);
  });

  it('are done in four minutes, quick ones in one', () => {
    expect(planMs(growthCases(false))).toBeLessThan(4 * 60_000);
    const quick = growthCases(true);
    expect(planMs(quick)).toBeLessThan(60_000);
    expect(new Set(quick.map(({ turns }) => turns))).toEqual(new Set([1]));
    const watches = quick.find(({ curve }) => curve === 'watches');
    expect(watches?.xs).toEqual([1, 10, 100, 1_000, 10_000]);
  });
});
