import { readdirSync, readFileSync } from 'node:fs';

/** JSON as goldens hold it: longs as decimal strings, buffers in hex. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export type FrameKind = 'creq' | 'cresp' | 'req' | 'resp';

/** What Apache's own classes read from a golden. */
export interface GoldenValue {
  kind: FrameKind;
  op?: number;
  bytes: number;
  header?: Json;
  type?: string;
  record?: Json;
  readOnly?: boolean;
}

/** One frame, and what must come of it. */
export interface Golden {
  name: string;
  direction: 'c2s' | 's2c';
  kind: FrameKind;
  type: string | null;
  op: number | null;
  hex: string;
  value: GoldenValue;
}

/** One frame that must be refused. */
export interface Malformed extends Omit<Golden, 'value'> {
  error: { code: string; offset: number };
}

/** One recorded conversation. */
export interface Capture {
  name: string;
  records: { conn: number; dir: 'c2s' | 's2c'; hex: string }[];
}

/** A record alone, without header and length. */
export interface WrittenRecord {
  name: string;
  type: string;
  hex: string;
  record: { [name: string]: Json };
}

const FIXTURES = new URL('../fixtures/', import.meta.url);

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, FIXTURES), 'utf8'));
}

/** Every file of a folder of fixtures, by its name without `.json`. */
function readFolder<T>(folder: string): [name: string, content: T][] {
  const files = readdirSync(new URL(folder, FIXTURES)).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => [file.slice(0, -5), readJson(folder + file) as T]);
}

export const GOLDENS: readonly [fixture: string, cases: readonly Golden[]][] = readFolder<{
  cases: Golden[];
}>('packets/').map(([name, { cases }]) => [name, cases]);

export const MALFORMED: readonly [fixture: string, cases: readonly Malformed[]][] = readFolder<{
  cases: Malformed[];
}>('malformed/').map(([name, { cases }]) => [name, cases]);

export const SESSIONS: readonly [name: string, capture: Capture][] = readFolder('sessions/');

export const WRITTEN_RECORDS: readonly WrittenRecord[] = (
  readJson('records.json') as { cases: WrittenRecord[] }
).cases;
