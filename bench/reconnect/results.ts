import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../environment.ts';
import { REPOSITORY } from '../repository.ts';
import type { Skipped, TurnFailure } from '../results.ts';
import type { ReconnectCase } from './cases.ts';
import type { ReconnectFigure } from './figures.ts';

export const RECONNECT_SCHEMA = 1;

/** Of the run that README and report quote. */
export const RECONNECT_RESULTS: string = join(REPOSITORY, 'bench', 'results', 'reconnect.json');

/** One turn: one process of one client, and its faults one after the other. Times in ms. */
export interface ReconnectTurn {
  readonly turn: number;
  /** From the fault to the first good reply, by fault. */
  readonly recoveredMs: readonly number[];
  /** From the moment that the service was there again; only where it was away. */
  readonly sinceBackMs: readonly number[];
  /** Faults after which the client was not back within the limit of the case. It gets no further faults then. */
  readonly unrecovered: number;
  /** Faults after which the client had another session than before. */
  readonly sessionsLost: number;
  /** Requests that failed in the whole turn. */
  readonly failed: number;
  /** Watches on the server after the last fault, null when that is not known. */
  readonly watchesKept: number | null;
}

export interface ReconnectCaseResult {
  readonly case: ReconnectCase;
  subject: string;
  version: string;
  policy: string;
  readonly turns: ReconnectTurn[];
  readonly failures: TurnFailure[];
}

export interface ReconnectResults {
  /** Tells these files from those of the other benchmarks. */
  readonly kind: 'reconnect';
  readonly schema: typeof RECONNECT_SCHEMA;
  readonly startedAt: string;
  readonly elapsedSeconds: number;
  readonly command: string;
  /** A quick run is for trying things out: too few faults to quote. */
  readonly quick: boolean;
  readonly environment: Environment;
  readonly cases: readonly ReconnectCaseResult[];
  readonly skipped: readonly Skipped[];
  readonly figures: readonly ReconnectFigure[];
  readonly notMeasured: readonly string[];
}

export function readReconnectResults(path: string): ReconnectResults {
  const results = JSON.parse(readFileSync(path, 'utf8')) as ReconnectResults;
  if (results.schema !== RECONNECT_SCHEMA) {
    throw new Error(`${path} has schema ${results.schema}, this program reads ${RECONNECT_SCHEMA}`);
  }
  return results;
}

export function isReconnectFile(path: string): boolean {
  const { kind } = JSON.parse(readFileSync(path, 'utf8')) as Partial<ReconnectResults>;
  return kind === 'reconnect';
}

/** Said with every result, so that nobody reads more into the numbers than is in them. */
export const RECONNECT_NOT_MEASURED: readonly string[] = [
  'a network: a reset on loopback is known to both sides at once, and dialling costs a tenth of a millisecond',
  'TLS and SASL, which add their handshakes to every reconnect',
  'many clients that come back at the same time',
  'packets that vanish (a cut cable): to a client that is the frozen server',
  'persistent and recursive watches, and watches that have something to catch up with',
  'a bare socket that restores watches: the floor is there without watches only',
  'the null responder for other causes than the reset: starting a process would be measured',
];
