import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { dashed, type SeriesStyle } from './series-style.ts';

const WIDTH = 34;
const HEIGHT = 14;

/** A piece of a series' line, for the legend. */
export function swatchSvg({ color, dashes, symbol, filled }: SeriesStyle): string {
  const { document } = parseHTML('<html><body></body></html>');
  const paint = filled ? { fill: color, stroke: color } : { fill: 'var(--paper)', stroke: color };
  const svg = Plot.plot({
    document,
    className: 'swatch',
    width: WIDTH,
    height: HEIGHT,
    margin: 0,
    x: { domain: [0, 2], axis: null },
    y: { domain: [-1, 1], axis: null },
    marks: [
      Plot.ruleY([0], { stroke: color, strokeWidth: 1.75, ...dashed(dashes) }),
      Plot.dot([{ x: 1, y: 0 }], { x: 'x', y: 'y', ...paint, symbol, r: 3.5, strokeWidth: 1.5 }),
    ],
  });
  svg.setAttribute('aria-hidden', 'true');
  svg.querySelector('style')?.remove();
  return svg.outerHTML;
}
