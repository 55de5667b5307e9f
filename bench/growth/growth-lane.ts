import type { Lane } from '../lanes/lane.ts';
import { type GrowthCase, growthCases } from './cases.ts';
import { cliffMark, growthCharts } from './charts.ts';
import { growthFigures } from './figures.ts';
import { GrowthServers } from './growth-servers.ts';
import { measureGrowth } from './measure.ts';

export const GROWTH_LANE: Lane<GrowthCase, GrowthServers> = {
  kind: 'growth',
  about:
    'Measures how cost grows with payload, depth, children, watches and connections, point by point.',
  notMeasured: [
    'the network: client and server share one machine and its cores, over loopback',
    'each point in a process of its own: a process walks one curve, from its least to its greatest point',
    'growth against a real server, which is the limit there: see npm run bench',
    'children with long names or names beyond ASCII',
    'watches and connections of the npm clients',
    'one-shot watches: what an event of theirs costs; watches that are restored after a reconnect (npm run bench:reconnect)',
  ],
  cases: growthCases,
  open: (group) => GrowthServers.start(group),
  measure: measureGrowth,
  charts: growthCharts,
  figures: growthFigures,
  mark: cliffMark,
};
