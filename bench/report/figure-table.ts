import type { FigureResult } from '../figures.ts';
import type { ReconnectFigure } from '../reconnect/figures.ts';
import { valueText } from './axis-number.ts';
import { type Html, htmlTable } from './html.ts';

/** One line of what must be shown, of any benchmark. */
export type ReportFigure = FigureResult | ReconnectFigure;

const VERDICTS: Readonly<Record<ReportFigure['verdict'], string>> = {
  aim: '● aim reached',
  must: '○ must reached',
  missed: '✕ missed',
  measured: 'measured, no bound',
  'not measured': 'not measured',
};

/** Every figure that was promised, what was missed among them and marked. */
export function figureTable(label: string, figures: readonly ReportFigure[]): Html {
  const right = (title: string) => ({ title, align: 'right' as const });
  const columns = [
    { title: 'figure' },
    { title: 'verdict' },
    ...['measured', 'must', 'aim', 'least – greatest', 'from'].map(right),
  ];
  const rows = figures.map((figure) => {
    const cells = [figure.value, figure.must, figure.aim].map((value) => figureText(figure, value));
    return [figure.label, VERDICTS[figure.verdict], ...cells, spreadText(figure), fromText(figure)];
  });
  return htmlTable(label, { columns, rows }, (index) => classOf(figures[index]));
}

/** The unit once, behind both; a single turn has no spread. */
function spreadText(figure: ReportFigure): string {
  const { min, max } = figure;
  if (min === null || max === null || ('turns' in figure && figure.turns < 2)) return '–';
  return `${valueText(min)} – ${figureText(figure, max)}`;
}

function classOf(figure: ReportFigure | undefined): string {
  return figure?.verdict === 'missed' ? 'missed' : '';
}

/** A value of a figure with its unit. */
export function figureText({ unit }: Pick<ReportFigure, 'unit'>, value: number | null): string {
  if (value === null) return '–';
  if (unit === 'times') return `${valueText(value)} x`;
  return unit === 'share' ? valueText(value) : `${valueText(value)} ${unit}`;
}

function fromText(figure: ReportFigure): string {
  if ('from' in figure) return figure.from === '' ? '–' : figure.from;
  return figure.turns === 1 ? '1 turn' : `${figure.turns} turns`;
}

/** How many of all reached what, for the head of the page and for README. */
export function verdictCounts(
  figures: readonly ReportFigure[],
): Record<ReportFigure['verdict'], number> {
  const counts = { aim: 0, must: 0, missed: 0, measured: 0, 'not measured': 0 };
  for (const { verdict } of figures) counts[verdict]++;
  return counts;
}
