import { grouped, significant, times } from '../format.ts';
import { type Column, type Row, renderTable, type Table } from '../table.ts';
import type { ReconnectFigure } from './figures.ts';
import type { ReconnectCaseResult, ReconnectResults } from './results.ts';
import { allTimes, meanOf, mediansByTurn, percentileOrNull } from './samples.ts';

const NONE = '–';
const left = (title: string): Column => ({ title });
const right = (title: string): Column => ({ title, align: 'right' });

const CAUSE_TEXTS = {
  reset: 'TCP reset, the server lives',
  restart: 'the server is killed and started again',
  'leader-killed': 'the leader of three is killed (to the first good write)',
  frozen: 'the server in use is frozen (SIGSTOP)',
} as const;

const TARGET_TEXTS = {
  null: 'null responder',
  real: 'ZooKeeper',
  ensemble: 'three ZooKeepers',
} as const;

export function recoveryTable(cases: readonly ReconnectCaseResult[]): string {
  const { columns, rows } = tableOfRecovery(cases);
  return renderTable(columns, rows);
}

/** Everything that was measured, one row a case. */
export function tableOfRecovery(cases: readonly ReconnectCaseResult[]): Table {
  const columns = [
    left('fault'),
    left('server'),
    right('addresses'),
    right('watches'),
    left('client'),
    right('p50 ms'),
    right('p99 ms'),
    right('mean ms'),
    right('most ms'),
    right('p50 of turns'),
    right('after the service was back, p50'),
    right('not back'),
    right('sessions lost'),
    right('watches after'),
    right('faults'),
    right('turns'),
  ];
  return { columns, rows: cases.map(recoveryRow) };
}

function recoveryRow(result: ReconnectCaseResult): Row {
  const { cause, target, addresses, watches, client } = result.case;
  const subject = result.version.startsWith('node ')
    ? result.subject
    : `${result.subject} ${result.version}`;
  const head = [
    CAUSE_TEXTS[cause],
    TARGET_TEXTS[target],
    String(addresses),
    grouped(String(watches)),
    result.subject === '' ? client : subject,
  ];
  if (result.turns.length === 0) return [...head, `failed: ${result.failures[0]?.reason ?? ''}`];
  const all = allTimes(result);
  const sum = (name: 'unrecovered' | 'sessionsLost'): number =>
    result.turns.reduce((total, turn) => total + turn[name], 0);
  return [
    ...head,
    timeText(percentileOrNull(all, 0.5), result),
    timeText(percentileOrNull(all, 0.99), result),
    timeText(meanOf(all), result),
    timeText(all.at(-1) ?? null, result),
    spreadText(result),
    backText(result),
    String(sum('unrecovered')),
    String(sum('sessionsLost')),
    watchesText(result),
    String(all.length),
    turnsText(result),
  ];
}

function timeText(ms: number | null, { case: { limitMs } }: ReconnectCaseResult): string {
  if (ms === null) return NONE;
  if (Number.isNaN(ms)) return NONE;
  return ms === Number.POSITIVE_INFINITY ? `> ${grouped(String(limitMs))}` : significant(ms);
}

function spreadText(result: ReconnectCaseResult): string {
  const medians = [...mediansByTurn(result).values()];
  if (medians.length < 2) return NONE;
  const [least, most] = [Math.min(...medians), Math.max(...medians)];
  return `${timeText(least, result)} – ${timeText(most, result)}`;
}

function backText(result: ReconnectCaseResult): string {
  const since = result.turns.flatMap((turn) => turn.sinceBackMs).sort((a, b) => a - b);
  const p50 = percentileOrNull(since, 0.5);
  return p50 === null ? NONE : significant(p50);
}

/** A client whose watches are not all there has not come back, whatever its time says. */
function watchesText(result: ReconnectCaseResult): string {
  const kept = result.turns.flatMap((turn) => turn.watchesKept ?? []);
  if (kept.length === 0) return NONE;
  const least = Math.min(...kept);
  const text = grouped(String(least));
  return least < result.case.watches ? `${text}: LOST` : text;
}

function turnsText({ turns, failures }: ReconnectCaseResult): string {
  return failures.length === 0
    ? String(turns.length)
    : `${turns.length} (${failures.length} failed)`;
}

const VERDICTS = {
  aim: 'aim reached',
  must: 'must reached',
  missed: 'MISSED',
  measured: 'measured',
  'not measured': 'not measured',
} as const;

export function reconnectFiguresTable(figures: readonly ReconnectFigure[]): string {
  const columns = [
    left('figure'),
    right('must'),
    right('aim'),
    right('measured'),
    right('min – max of turns'),
    right('from'),
    left('verdict'),
  ];
  return renderTable(columns, figures.map(figureRow));
}

function figureRow(figure: ReconnectFigure): Row {
  const text = (value: number | null): string => {
    if (value === null) return NONE;
    return figure.unit === 'ms' ? `${significant(value)} ms` : times(value);
  };
  const { min, max } = figure;
  return [
    figure.label,
    text(figure.must),
    text(figure.aim),
    text(figure.value),
    min === null || max === null ? NONE : `${text(min)} – ${text(max)}`,
    figure.from === '' ? NONE : figure.from,
    VERDICTS[figure.verdict],
  ];
}

/** Each client with the way it comes back: times cannot be read without it. */
export function policyList({ cases }: ReconnectResults): string {
  const policies = new Map(
    cases.filter(({ policy }) => policy !== '').map(({ subject, policy }) => [subject, policy]),
  );
  const lines = [...policies].map(([subject, policy]) => `- ${subject}: ${policy}`);
  return ['How each client comes back:', ...lines].join('\n');
}
