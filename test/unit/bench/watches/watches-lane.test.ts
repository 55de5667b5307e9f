import { describe, expect, it } from 'vitest';
import { startGrowthResponder } from '../../../../bench/growth/growth-responder.ts';
import { FIGURE_WATCHES, type WatchCase, watchCases } from '../../../../bench/watches/cases.ts';
import { type WatchResult, watchCharts } from '../../../../bench/watches/charts.ts';
import { watchFigures } from '../../../../bench/watches/figures.ts';
import { runWatchTurn } from '../../../../bench/watches/watch-turn.ts';

function caseNamed(name: string, turns: number): WatchCase {
  const found = watchCases(false).find((each) => each.name === name);
  if (found === undefined) throw new Error(name);
  return { ...found, turns };
}

function result(name: string, ...eventsPerSecond: number[]): WatchResult {
  return {
    case: caseNamed(`watches/${name}`, eventsPerSecond.length),
    subject: 'a subject',
    version: '1.2.3',
    turns: eventsPerSecond.map((value, turn) => {
      return { turn, values: { eventsPerSecond: value, cpuUsPerEvent: 1e6 / value } };
    }),
    failures: [],
  };
}

describe('cases of the watches lane', () => {
  it('are zkwire up to a million watches, and the peers where they can', () => {
    const cases = watchCases(false);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    const names = cases.map(({ name }) => name);
    expect(names).toContain('watches/recursive/1000000/zkwire-iterator');
    expect(names).toContain('watches/one-shot/100000/zookeeper');
    expect(names).not.toContain('watches/one-shot/1000000/zookeeper');
    expect(names).not.toContain('watches/persistent/1000/node-zookeeper-client');
  });

  it('hear a one-shot watch once a round, and lasting ones often enough to be measured', () => {
    for (const each of watchCases(false)) {
      const { style, eventsPerRound, watches, rounds, peer, name } = each;
      if (style === 'one-shot') expect(eventsPerRound, name).toBe(watches);
      else expect(eventsPerRound * rounds, name).toBeGreaterThanOrEqual(1_000_000);
      expect(rounds, name).toBeLessThanOrEqual(100);
      if (peer !== null) expect(eventsPerRound * rounds, name).toBeLessThanOrEqual(100_000);
    }
  });

  it('have ten turns where figures come from', () => {
    const figures = watchCases(false).filter(
      ({ watches, client }) => watches === FIGURE_WATCHES && client === 'zkwire-listener',
    );
    expect(figures.map(({ style, turns }) => [style, turns])).toEqual([
      ['one-shot', 10],
      ['persistent', 10],
      ['recursive', 10],
    ]);
  });
});

describe('charts and figures of the watches lane', () => {
  const charts = watchCharts([
    result('one-shot/1000/zkwire-listener', 500_000, 400_000),
    result('one-shot/100000/zkwire-listener', 800_000, 600_000, 700_000),
    result('one-shot/1000/zookeeper', 4_000),
    result('recursive/100000/zkwire-listener', 1_200_000),
  ]);

  it('are curves over the watches, one for each client', () => {
    expect(charts.map(({ name }) => name)).toEqual([
      'watches/one-shot/events',
      'watches/one-shot/cpu',
      'watches/recursive/events',
      'watches/recursive/cpu',
    ]);
    expect(charts[0]?.series.map(({ name, points }) => [name, points])).toEqual([
      [
        'zkwire-listener',
        [
          { x: 1_000, values: [500_000, 400_000] },
          { x: 100_000, values: [800_000, 600_000, 700_000] },
        ],
      ],
      ['zookeeper', [{ x: 1_000, values: [4_000] }]],
    ]);
    expect(charts[1]?.series[0]?.points[0]?.values).toEqual([2, 2.5]);
  });

  it('judge the median at 100,000 watches', () => {
    expect(watchFigures(charts)).toMatchObject([
      { id: 'events-one-shot', value: 700_000, min: 600_000, max: 800_000, verdict: 'must' },
      { id: 'events-persistent', value: null, verdict: 'not measured' },
      { id: 'events-recursive', value: 1_200_000, verdict: 'aim' },
    ]);
  });
});

describe('runWatchTurn', () => {
  it.each([
    ['one-shot', 'zkwire-listener'],
    ['one-shot', 'zkwire-iterator'],
    ['persistent', 'zkwire-listener'],
    ['persistent', 'zkwire-iterator'],
    ['recursive', 'zkwire-listener'],
    ['recursive', 'zkwire-iterator'],
  ] as const)('hears every event of %s watches (%s)', async (style, client) => {
    const responder = await startGrowthResponder();
    try {
      const { values, subject } = await runWatchTurn({
        style,
        client,
        watches: 700,
        eventsPerRound: style === 'one-shot' ? 700 : 1_500,
        warmupRounds: 2,
        rounds: 3,
        connectString: `127.0.0.1:${responder.port}`,
      });
      expect(subject).toMatch(/^zkwire/);
      const events = style === 'one-shot' ? 2_100 : 4_500;
      expect(values).toMatchObject({ watches: 700, events });
      expect(values.eventsPerSecond).toBeGreaterThan(0);
      expect(values.cpuUsPerEvent).toBeGreaterThan(0);
    } finally {
      await responder.close();
    }
  });

  it('fails when an event does not come', async () => {
    const responder = await startGrowthResponder();
    const turn = runWatchTurn({
      style: 'one-shot',
      client: 'zkwire-listener',
      watches: 10,
      // Of ten one-shot watches only ten events are heard.
      eventsPerRound: 15,
      warmupRounds: 1,
      rounds: 1,
      connectString: `127.0.0.1:${responder.port}`,
    });
    await expect(turn).rejects.toThrow('10 events were heard, not 15');
    await responder.close();
  });
});
