import { describe, expect, it } from 'vitest';
import { growthFigures } from '../../../../bench/growth/figures.ts';
import type { Chart, Point, Series } from '../../../../bench/lanes/lane-results.ts';

const at = (x: number, ...values: (number | null)[]): Point => ({ x, values });

function chart(name: string, ...series: Series[]): Chart {
  return {
    name,
    title: '',
    kind: 'curve',
    xName: '',
    xUnit: '',
    xScale: 'log',
    yName: '',
    yUnit: '',
    yScale: 'log',
    note: '',
    series,
  };
}

function series(name: string, subject: string, ...points: Point[]): Series {
  return { name, subject, version: '1', points };
}

const CHARTS: Chart[] = [
  chart(
    'growth/depth/cpu',
    series('zookeeper', 'zookeeper', at(128, 1), at(65_536, 50)),
    series(
      'zkwire-promise',
      'zkwire (promises)',
      at(64, 2, 2, 2),
      at(128, 2, 2, 4),
      at(65_536, 2.1, 3, 4),
    ),
    series('raw-promise', 'raw socket + promises', at(128, 1, null, 1), at(65_536, 2, 2, 0.5)),
    series('zkwire-callback', 'zkwire (callbacks)', at(128, 1, 1), at(65_536, 1, 0.9)),
  ),
  chart(
    'growth/children/child',
    series('zkwire-promise', 'zkwire (promises)', at(10, 100), at(1_000, 20), at(100_000, 25)),
  ),
  // A rate is no cost: that it grows is no jump.
  chart('growth/depth/rate', series('zkwire-promise', 'zkwire', at(1, 1), at(4, 100))),
  // 1,000 times the payload for 2,000 times the cost is twice as much a byte.
  chart(
    'growth/payload/set',
    series('zkwire-promise', 'zkwire', at(0, 1), at(10, 1, 1), at(10_000, 2_000, 3_000)),
  ),
];

describe('growthFigures', () => {
  const figures = new Map(growthFigures(CHARTS).map((figure) => [figure.id, figure]));

  it('compares one get at depth 65,536 with one at 128, turn by turn', () => {
    expect(figures.get('growth-depth')).toMatchObject({
      value: 0.95,
      min: 0.9,
      max: 1,
      turns: 2,
      verdict: 'aim',
    });
    expect(figures.get('growth-depth-promise')).toMatchObject({
      value: 1.05,
      min: 1,
      max: 1.5,
      turns: 3,
      must: 1.1,
      aim: 1,
      verdict: 'must',
    });
  });

  it('sets the growth with promises beside that of bare ones, in the same turns', () => {
    expect(figures.get('growth-depth-over-promises')).toMatchObject({
      value: 1.2625,
      min: 0.525,
      max: 2,
      turns: 2,
    });
  });

  it('compares one child among 100,000 with one among 10, and among 1,000', () => {
    expect(figures.get('growth-children')).toMatchObject({ value: 0.25, turns: 1, verdict: 'aim' });
    expect(figures.get('growth-children-1000')).toMatchObject({ value: 1.25, verdict: 'missed' });
  });

  it('finds the largest step of zkwire, of costs only and per unit', () => {
    const figure = figures.get('growth-largest-jump');
    expect(figure).toMatchObject({ value: 2.5, min: 2, max: 3, turns: 2, verdict: 'missed' });
    expect(figure?.label).toContain('(growth/payload/set, zkwire-promise, 10 to 10000)');
  });

  it('says what was not measured', () => {
    expect(growthFigures([]).map(({ verdict }) => verdict)).toEqual(
      new Array(6).fill('not measured'),
    );
  });
});
