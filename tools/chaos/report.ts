import { RULES, type Rule } from './check.ts';
import type { ChaosResult, FaultSummary, Gap } from './result.ts';

/** The result in lines that people read; also good Markdown. */
export function renderChaos(result: ChaosResult): string {
  const { writes, reads, sessions, log, options, environment } = result;
  const rows: [string, string][] = [
    ['seconds of load', result.workedSeconds.toFixed(0)],
    ['clients (sessions)', String(options.clients)],
    [
      'writes acknowledged',
      `${writes.acknowledged} (${writes.acknowledgedPerSecond.toFixed(0)} a second)`,
    ],
    ['writes of unknown outcome', `${writes.unknown}, of which ${writes.unknownApplied} applied`],
    ['writes not sent', String(writes.notSent)],
    ['writes rejected', String(writes.rejected)],
    ['reads answered', `${reads.answered}, ${reads.failed} failed`],
    ['reconnects', `${sessions.reconnects}, ${sessions.expired} sessions expired`],
    ['transactions in the logs', `${log.transactions}, of which ${log.writes} writes`],
    ['refused by the leader', String(log.refused)],
    ['applied behind a refused one of their connection', String(log.appliedBehindRefused)],
    ['left behind in the log of a killed leader', String(log.leftBehind)],
    ...result.faults.flatMap(faultRows),
  ];
  const rules = Object.keys(RULES) as Rule[];
  return [
    table(['what', 'value'], rows),
    '',
    table(
      ['rule', 'what it would mean', 'violations'],
      rules.map((rule) => [rule, RULES[rule], String(result.violations[rule])]),
    ),
    '',
    ...result.details,
    `ZooKeeper ${environment.zooKeeper}, Node ${environment.node}, ${environment.cpuModel}, ${environment.cpuCount} cores, ${result.startedAt}`,
    '',
  ].join('\n');
}

const FAULT_TEXTS = {
  leader: 'leader killed',
  follower: 'follower killed',
  freeze: 'server frozen',
} as const;

function faultRows({ kind, count, serviceGap, clientGap }: FaultSummary): [string, string][] {
  const name = FAULT_TEXTS[kind];
  return [
    [name, `${count} times`],
    [`${name}: no write for anybody`, gapText(serviceGap)],
    [`${name}: no write for a client`, gapText(clientGap)],
  ];
}

function gapText({ p50Ms, p99Ms, mostMs }: Gap): string {
  const ms = (value: number | null): string => {
    if (value === null) return '–';
    return value === Number.POSITIVE_INFINITY ? 'until the next' : `${value.toFixed(0)} ms`;
  };
  return `p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}, most ${ms(mostMs)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column] ?? '')].map((cell) => cell.length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
