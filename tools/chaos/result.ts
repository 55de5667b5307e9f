import os from 'node:os';
import process from 'node:process';
import type { ChaosOptions } from './chaos.ts';
import { RULES, type Rule, type Verdict, type Violation } from './check.ts';
import type { Fault, FaultKind } from './faults.ts';
import { percentile } from './gaps.ts';
import type { History } from './history.ts';
import type { Truth } from './truth.ts';

/** More of one sort help nobody. */
const VIOLATIONS_SHOWN_MAX = 50;

export interface ChaosResult {
  readonly kind: 'chaos';
  readonly schema: 1;
  readonly startedAt: string;
  readonly workedSeconds: number;
  readonly options: Omit<ChaosOptions, 'say' | 'dataDir'>;
  readonly environment: {
    readonly node: string;
    readonly cpuModel: string;
    readonly cpuCount: number;
    readonly zooKeeper: string;
  };
  /** By kind, those that happened. */
  readonly faults: readonly FaultSummary[];
  readonly writes: {
    readonly made: number;
    readonly acknowledged: number;
    readonly acknowledgedPerSecond: number;
    readonly unknown: number;
    /** Of those: so many were applied after all. */
    readonly unknownApplied: number;
    readonly notSent: number;
    readonly rejected: number;
  };
  readonly reads: { readonly answered: number; readonly failed: number };
  readonly sessions: { readonly reconnects: number; readonly expired: number };
  readonly log: {
    readonly transactions: number;
    readonly writes: number;
    /** Requests that the leader refused. */
    readonly refused: number;
    /** Writes applied although an earlier one of the same connection had been refused. */
    readonly appliedBehindRefused: number;
    /** Transactions that only a minority of the servers has, and that were never applied. */
    readonly leftBehind: number;
  };
  /** By rule, also those that nothing violates. */
  readonly violations: Readonly<Record<Rule, number>>;
  /** Some of them in words. */
  readonly details: readonly string[];
}

export interface FaultSummary {
  readonly kind: FaultKind;
  readonly count: number;
  /** Time without an acknowledged write after it: for anybody, and for each client. */
  readonly serviceGap: Gap;
  readonly clientGap: Gap;
}

/** In JSON, null also where there was no write until the next fault. */
export interface Gap {
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly mostMs: number | null;
}

export interface ChaosFacts {
  readonly startedAt: Date;
  readonly options: ChaosOptions;
  readonly server: string;
  readonly workedMs: number;
  readonly history: History;
  readonly failedReads: number;
  readonly truth: Truth;
  readonly verdict: Verdict;
  readonly faults: readonly Fault[];
  readonly reconnects: number;
  readonly expired: number;
  /** By fault. */
  readonly serviceGapsMs: readonly number[];
  /** By client and fault. */
  readonly clientGapsMs: readonly (readonly number[])[];
}

export function summarise(facts: ChaosFacts): ChaosResult {
  const { say: _say, dataDir: _dataDir, ...options } = facts.options;
  const { truth, history, reconnects, expired } = facts;
  const { violations, appliedBehindRefused } = facts.verdict;
  const workedSeconds = facts.workedMs / 1000;
  return {
    kind: 'chaos',
    schema: 1,
    startedAt: facts.startedAt.toISOString(),
    workedSeconds,
    options,
    environment: {
      node: process.versions.node,
      cpuModel: os.cpus()[0]?.model.trim() ?? 'unknown',
      cpuCount: os.availableParallelism(),
      zooKeeper: facts.server,
    },
    faults: summariseFaults(facts),
    writes: countWrites(facts),
    reads: { answered: history.reads.length, failed: facts.failedReads },
    sessions: { reconnects, expired },
    log: {
      transactions: truth.transactions,
      writes: truth.writes.length,
      refused: truth.refused.size,
      appliedBehindRefused,
      leftBehind: truth.leftBehind.length,
    },
    violations: countViolations(violations),
    details: violations
      .slice(0, VIOLATIONS_SHOWN_MAX)
      .map(({ rule, detail }) => `${rule}: ${detail}`),
  };
}

function summariseFaults({ faults, serviceGapsMs, clientGapsMs }: ChaosFacts): FaultSummary[] {
  const kinds = [...new Set(faults.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const ofKind = (_gap: number, index: number): boolean => faults[index]?.kind === kind;
    const service = serviceGapsMs.filter(ofKind);
    const client = clientGapsMs.flatMap((gaps) => gaps.filter(ofKind));
    return { kind, count: service.length, serviceGap: gapOf(service), clientGap: gapOf(client) };
  });
}

function countWrites({ history, truth, workedMs }: ChaosFacts): ChaosResult['writes'] {
  const applied = new Set(truth.writes.map(({ id }) => id));
  const by = (outcome: string): typeof history.writes =>
    history.writes.filter(({ result }) => result?.outcome === outcome);
  const acknowledged = by('ok').length;
  return {
    made: history.writes.length,
    acknowledged,
    acknowledgedPerSecond: acknowledged / (workedMs / 1000),
    unknown: by('unknown').length,
    unknownApplied: by('unknown').filter(({ id }) => applied.has(id)).length,
    notSent: by('not-sent').length,
    rejected: by('rejected').length,
  };
}

function countViolations(violations: readonly Violation[]): Record<Rule, number> {
  const rules = Object.keys(RULES) as Rule[];
  const counts = rules.map((each) => [each, violations.filter(({ rule }) => rule === each).length]);
  return Object.fromEntries(counts) as Record<Rule, number>;
}

function gapOf(gapsMs: readonly number[]): Gap {
  return {
    p50Ms: percentile(gapsMs, 0.5),
    p99Ms: percentile(gapsMs, 0.99),
    mostMs: percentile(gapsMs, 1),
  };
}

/** Nothing contradicts the servers' logs. */
export function isClean({ violations }: ChaosResult): boolean {
  return Object.values(violations).every((count) => count === 0);
}
