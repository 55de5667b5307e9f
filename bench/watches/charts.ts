import { type LaneCaseResult, valuesOfTurns } from '../lanes/lane.ts';
import type { Chart, Series } from '../lanes/lane-results.ts';
import { WATCH_CLIENTS, WATCH_STYLES, type WatchCase, type WatchStyle } from './cases.ts';

export type WatchResult = LaneCaseResult<WatchCase>;

const STYLE_TEXTS = {
  'one-shot': 'one-shot watches, each of a node of its own',
  persistent: 'persistent watches, each of a node of its own',
  recursive: 'one recursive watch above the nodes',
} as const;

const HOW =
  'A server of premade events sends them as fast as they are read, in an order other than that of the registration.';

export function eventsChartName(style: WatchStyle): string {
  return `watches/${style}/events`;
}

export function watchCharts(results: readonly WatchResult[]): Chart[] {
  return WATCH_STYLES.flatMap((style) => {
    const ofStyle = results.filter(({ case: each }) => each.style === style);
    if (ofStyle.length === 0) return [];
    const events = curve(style, ofStyle, 'eventsPerSecond', {
      name: eventsChartName(style),
      title: `Watch events a second: ${STYLE_TEXTS[style]}`,
      yName: 'events told to the user',
      yUnit: 'events/s',
      note: `${HOW} From the request for them to the last event heard.`,
    });
    const cpu = curve(style, ofStyle, 'cpuUsPerEvent', {
      name: `watches/${style}/cpu`,
      title: `CPU time of one watch event: ${STYLE_TEXTS[style]}`,
      yName: 'CPU time an event',
      yUnit: 'us',
      note: 'Of the whole process of the client, all its threads.',
    });
    return [events, cpu];
  });
}

type ChartText = Pick<Chart, 'name' | 'title' | 'yName' | 'yUnit' | 'note'>;

function curve(
  style: WatchStyle,
  results: readonly WatchResult[],
  value: string,
  text: ChartText,
): Chart {
  return {
    ...text,
    kind: 'curve',
    xName: style === 'recursive' ? 'nodes below the watch' : 'watches',
    xUnit: '',
    xScale: 'log',
    yScale: 'log',
    series: WATCH_CLIENTS.flatMap((client): Series[] => {
      const own = results.filter(({ case: each }) => each.client === client);
      const measured = own.find(({ subject }) => subject !== '') ?? own[0];
      if (measured === undefined) return [];
      const points = own.map((result) => {
        return { x: result.case.watches, values: valuesOfTurns(result, value) };
      });
      return [{ name: client, subject: measured.subject, version: measured.version, points }];
    }),
  };
}
