import type { FigureResult } from '../figures.ts';
import { pairedRatios, spreadOf } from '../statistics.ts';
import type { Measurement } from './measurement.ts';

interface Figure extends Pick<FigureResult, 'id' | 'label' | 'must' | 'aim' | 'better' | 'unit'> {
  values(measured: (id: string) => readonly number[]): readonly number[];
}

const FIGURES: readonly Figure[] = [
  {
    id: 'start-in-process',
    label: 'start to first reply, in process',
    must: 10,
    aim: 5,
    better: 'lower',
    unit: 'ms',
    values: (measured) => measured('start-in-process'),
  },
  {
    id: 'start-command',
    label: 'start to first reply, as a command',
    must: 300,
    aim: 150,
    better: 'lower',
    unit: 'ms',
    values: (measured) => measured('start-command'),
  },
  {
    id: 'fan-out',
    label: 'one change told to 10,000 connected watchers',
    must: 1_000,
    aim: 250,
    better: 'lower',
    unit: 'ms',
    values: (measured) => measured('fan-out'),
  },
  {
    id: 'sets-against-real',
    label: 'set of 100 B on disk, depth 1024, bare socket: embedded server against real ZooKeeper',
    must: 1,
    aim: 5,
    better: 'higher',
    unit: 'times',
    values: (measured) =>
      pairedRatios(
        byTurn(measured('set-fsync-1024-embedded')),
        byTurn(measured('set-fsync-1024-real')),
      ),
  },
];

function byTurn(values: readonly number[]): Map<number, number> {
  return new Map(values.entries());
}

/** All figures, also those that this run did not measure. A quick run is no measurement of scale. */
export function serverFigures(measurements: readonly Measurement[]): FigureResult[] {
  const measured = (id: string): readonly number[] =>
    measurements.find((each) => each.id === id)?.values ?? [];
  return FIGURES.map(({ values: of, ...figure }) => {
    const values = of(measured).filter(Number.isFinite);
    if (values.length === 0) {
      return { ...figure, value: null, min: null, max: null, turns: 0, verdict: 'not measured' };
    }
    const { median, min, max } = spreadOf(values);
    const reaches = (bound: number): boolean =>
      figure.better === 'higher' ? median >= bound : median <= bound;
    const verdict = reaches(figure.aim) ? 'aim' : reaches(figure.must) ? 'must' : 'missed';
    return { ...figure, value: median, min, max, turns: values.length, verdict };
  });
}
