import { grouped } from '../format.ts';
import { pairedRatios, spreadOf } from '../statistics.ts';
import { type ClientName, caseName, reconnectCases, type Target } from './cases.ts';
import type { ReconnectCaseResult } from './results.ts';
import {
  allTimes,
  meansByTurn,
  mediansByTurn,
  percentileOrNull,
  percentilesByTurn,
} from './samples.ts';

/** One line of the table "what it must show". */
export interface ReconnectFigure {
  readonly id: string;
  readonly label: string;
  readonly better: 'higher' | 'lower';
  readonly unit: 'ms' | 'times';
  readonly must: number | null;
  readonly aim: number | null;
  /** Null when it was not measured in this run. */
  readonly value: number | null;
  /** Least and greatest turn. */
  readonly min: number | null;
  readonly max: number | null;
  /** What it was computed from: "1000 resets in 5 turns". */
  readonly from: string;
  readonly verdict: 'aim' | 'must' | 'missed' | 'measured' | 'not measured';
}

type Cases = ReadonlyMap<string, ReconnectCaseResult>;

interface Measured {
  readonly value: number;
  /** Null where no turn has faults enough. */
  readonly min: number | null;
  readonly max: number | null;
  readonly from: string;
}

type Figure = Pick<ReconnectFigure, 'id' | 'label' | 'better' | 'unit' | 'must' | 'aim'> & {
  measure(cases: Cases): Measured | null;
};

/** The reset that figures are quoted of has three addresses, as an ensemble has, and no watches. */
function resetCase(target: Target, client: ClientName, watches = 0, addresses = 3): string {
  const scenario = reconnectCases(false).find(
    (each) =>
      each.cause === 'reset' &&
      each.target === target &&
      each.addresses === addresses &&
      each.watches === watches,
  );
  if (scenario === undefined) throw new Error(`no resets of ${target} with ${watches} watches`);
  return caseName(scenario, client);
}

/** A percentile over all faults of all turns; the spread is that of the same percentile of each turn. */
function percentileFigure(name: string, share: number): Figure['measure'] {
  return (cases) => {
    const result = cases.get(name);
    if (result === undefined) return null;
    const times = allTimes(result);
    const value = percentileOrNull(times, share);
    if (value === null) return null;
    const ofTurns = [...percentilesByTurn(result, share).values()];
    const { min, max } = ofTurns.length === 0 ? { min: null, max: null } : spreadOf(ofTurns);
    return {
      value,
      min,
      max,
      from: `${grouped(String(times.length))} faults in ${result.turns.length} turns`,
    };
  };
}

/** Medians (or means) of one client over those of another, turn by turn. */
function ratioFigure(over: string, under: string, byTurn: typeof mediansByTurn): Figure['measure'] {
  return (cases) => {
    const ratios = pairedRatios(byTurn(cases.get(over)), byTurn(cases.get(under)));
    if (ratios.length === 0) return null;
    const { median, min, max } = spreadOf(ratios);
    return { value: median, min, max, from: `${ratios.length} turns` };
  };
}

const SERVERS = { null: 'null responder', real: 'real ZooKeeper' } as const;

function resetFigures(target: keyof typeof SERVERS): Figure[] {
  const zkwire = resetCase(target, 'zkwire');
  const of = SERVERS[target];
  return [
    {
      id: `reset-${target}-p50`,
      label: `reset, ${of}: p50`,
      better: 'lower',
      unit: 'ms',
      must: 3,
      aim: null,
      measure: percentileFigure(zkwire, 0.5),
    },
    {
      id: `reset-${target}-p99`,
      label: `reset, ${of}: p99`,
      better: 'lower',
      unit: 'ms',
      must: 50,
      aim: null,
      measure: percentileFigure(zkwire, 0.99),
    },
    {
      id: `reset-${target}-over-bare-socket`,
      label: `reset, ${of}: zkwire's p50 over the bare socket's`,
      better: 'lower',
      unit: 'times',
      must: null,
      aim: 2,
      measure: ratioFigure(zkwire, resetCase(target, 'bare-socket'), mediansByTurn),
    },
    {
      id: `reset-${target}-node-zookeeper-client`,
      label: `reset, ${of}: npm node-zookeeper-client's p50 over zkwire's`,
      better: 'higher',
      unit: 'times',
      must: 2,
      aim: 4,
      measure: ratioFigure(resetCase(target, 'node-zookeeper-client'), zkwire, mediansByTurn),
    },
    {
      id: `reset-${target}-zookeeper`,
      label: `reset, ${of}, three addresses: npm zookeeper's p50 over zkwire's`,
      better: 'higher',
      unit: 'times',
      must: null,
      aim: null,
      measure: ratioFigure(resetCase(target, 'zookeeper'), zkwire, mediansByTurn),
    },
    {
      id: `reset-${target}-zookeeper-mean`,
      label: `reset, ${of}, three addresses: npm zookeeper's mean over zkwire's`,
      better: 'higher',
      unit: 'times',
      must: null,
      aim: null,
      measure: ratioFigure(resetCase(target, 'zookeeper'), zkwire, meansByTurn),
    },
  ];
}

/** With one address in its list npm zookeeper waits for its next poll after nearly every reset. */
const ONE_ADDRESS: Figure = {
  id: 'reset-real-zookeeper-1-address',
  label: "reset, real ZooKeeper, one address: npm zookeeper's p50 over zkwire's",
  better: 'higher',
  unit: 'times',
  must: 500,
  aim: 1000,
  measure: ratioFigure(
    resetCase('real', 'zookeeper', 0, 1),
    resetCase('real', 'zkwire', 0, 1),
    mediansByTurn,
  ),
};

function watchesFigure(watches: number): Figure {
  return {
    id: `reset-real-${watches}-watches`,
    label: `reset, real ZooKeeper, ${watches.toLocaleString('en')} watches restored: p50`,
    better: 'lower',
    unit: 'ms',
    must: null,
    aim: null,
    measure: percentileFigure(resetCase('real', 'zkwire', watches), 0.5),
  };
}

const FIGURES: readonly Figure[] = [
  ...resetFigures('null'),
  ...resetFigures('real'),
  ONE_ADDRESS,
  watchesFigure(1_000),
  watchesFigure(100_000),
];

function verdictOf(value: number, { must, aim, better }: Figure): ReconnectFigure['verdict'] {
  const reaches = (bound: number): boolean =>
    better === 'higher' ? value >= bound : value <= bound;
  if (must !== null && !reaches(must)) return 'missed';
  if (aim !== null) {
    if (reaches(aim)) return 'aim';
    return must === null ? 'missed' : 'must';
  }
  return must === null ? 'measured' : 'must';
}

/** All figures, also those that this run did not measure. */
export function reconnectFigures(results: readonly ReconnectCaseResult[]): ReconnectFigure[] {
  const cases: Cases = new Map(results.map((result) => [result.case.name, result]));
  return FIGURES.map((figure) => {
    const { measure, ...described } = figure;
    const measured = measure(cases);
    if (measured === null) {
      const none = { value: null, min: null, max: null, from: '' };
      return { ...described, ...none, verdict: 'not measured' };
    }
    return { ...described, ...measured, verdict: verdictOf(measured.value, figure) };
  });
}
