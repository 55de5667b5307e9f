import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../environment.ts';
import type { FigureResult } from '../figures.ts';
import { REPOSITORY } from '../repository.ts';
import type { Skipped } from '../results.ts';
import type { Measurement } from './measurement.ts';

export const SERVER_SCHEMA = 1;

/** Of the run that README quotes. */
export const SERVER_RESULTS: string = join(REPOSITORY, 'bench', 'results', 'server.json');

export interface ServerResults {
  /** Tells these files from those of the other benchmarks. */
  readonly kind: 'server';
  readonly schema: typeof SERVER_SCHEMA;
  readonly startedAt: string;
  readonly elapsedSeconds: number;
  readonly command: string;
  /** A quick run is for trying things out: fewer sessions, znodes and turns. */
  readonly quick: boolean;
  readonly environment: Environment;
  readonly measurements: readonly Measurement[];
  readonly skipped: readonly Skipped[];
  readonly figures: readonly FigureResult[];
}

export function readServerResults(path: string): ServerResults {
  const results = JSON.parse(readFileSync(path, 'utf8')) as ServerResults;
  if (results.schema !== SERVER_SCHEMA) {
    throw new Error(`${path} has schema ${results.schema}, this program reads ${SERVER_SCHEMA}`);
  }
  return results;
}

export function isServerFile(path: string): boolean {
  const { kind } = JSON.parse(readFileSync(path, 'utf8')) as Partial<ServerResults>;
  return kind === 'server';
}
