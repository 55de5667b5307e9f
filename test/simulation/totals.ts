import type { SimulationReport } from './simulation.ts';

/** Sums over many seeds. */
export interface Totals {
  seeds: number;
  requests: number;
  faults: number;
  /** Events that watches told. */
  events: number;
  connections: number;
  transactions: number;
  steps: number;
  virtualMs: number;
  failed: number[];
  outcomes: Record<string, number>;
  faultKinds: Record<string, number>;
  /** Requests by kind. */
  kinds: Record<string, number>;
  occasions: Record<string, number>;
}

export function noTotals(): Totals {
  return {
    seeds: 0,
    requests: 0,
    faults: 0,
    events: 0,
    connections: 0,
    transactions: 0,
    steps: 0,
    virtualMs: 0,
    failed: [],
    outcomes: {},
    faultKinds: {},
    kinds: {},
    occasions: {},
  };
}

export function addReport(totals: Totals, report: SimulationReport): void {
  totals.seeds++;
  totals.requests += report.requests;
  totals.faults += report.faults;
  totals.events += report.events;
  totals.connections += report.connections;
  totals.transactions += report.transactions;
  totals.steps += report.steps;
  totals.virtualMs += report.virtualMs;
  if (report.violations.length > 0) totals.failed.push(report.seed);
  addCounts(totals.outcomes, report.outcomes);
  addCounts(totals.faultKinds, report.faultKinds as Record<string, number>);
  addCounts(totals.kinds, report.kinds);
  addCounts(totals.occasions, report.occasions);
}

export function addTotals(totals: Totals, more: Totals): void {
  totals.seeds += more.seeds;
  totals.requests += more.requests;
  totals.faults += more.faults;
  totals.events += more.events;
  totals.connections += more.connections;
  totals.transactions += more.transactions;
  totals.steps += more.steps;
  totals.virtualMs += more.virtualMs;
  totals.failed.push(...more.failed);
  addCounts(totals.outcomes, more.outcomes);
  addCounts(totals.faultKinds, more.faultKinds);
  addCounts(totals.kinds, more.kinds);
  addCounts(totals.occasions, more.occasions);
}

function addCounts(counts: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(more)) counts[name] = (counts[name] ?? 0) + count;
}

/** One line. */
export function totalsText(totals: Totals): string {
  const hours = (totals.virtualMs / 3_600_000).toFixed(1);
  const parts = [
    `${totals.seeds} seeds`,
    `${totals.requests} requests`,
    `${totals.faults} faults`,
    `${totals.events} watch events`,
    `${totals.connections} connections`,
    `${totals.transactions} transactions`,
    `${hours} h of virtual time`,
    `${totals.failed.length} failed`,
  ];
  return parts.join(', ');
}
