import type { FigureResult } from '../figures.ts';
import { spreadOf } from '../statistics.ts';

/** What a figure must be, before it was measured. */
export type FigureSpec = Pick<FigureResult, 'id' | 'label' | 'must' | 'aim' | 'better' | 'unit'>;

/** The figure of values that were measured, one a turn; without any it was not measured. */
export function figureOf(spec: FigureSpec, values: readonly number[]): FigureResult {
  const { id, label, must, aim, better, unit } = spec;
  const figure = { id, label, must, aim, better, unit };
  if (values.length === 0) {
    return { ...figure, value: null, min: null, max: null, turns: 0, verdict: 'not measured' };
  }
  const { median: value, min, max } = spreadOf(values);
  const reaches = (bound: number): boolean =>
    better === 'higher' ? value >= bound : value <= bound;
  const verdict = reaches(aim) ? 'aim' : reaches(must) ? 'must' : 'missed';
  return { ...figure, value, min, max, turns: values.length, verdict };
}
