import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JuteValue } from './apache-decoder.ts';
import type { GoldenCase } from './golden-packets.ts';
import { LARGE } from './golden-packets.ts';

type Direction = 'c2s' | 's2c';

/** How often something occurs in goldens, and from which clients. */
interface Count {
  cases: number;
  clients: Set<string>;
}

/** Counts of what goldens hold, by fixture name (an operation) and direction, and by record. */
export interface Coverage {
  operations: Map<string, Record<Direction, Count>>;
  records: Map<string, Count>;
}

const empty = (): Count => ({ cases: 0, clients: new Set() });

/** Records of fields that hold records, by the name of the field. */
const RECORD_FIELDS: Record<string, string> = {
  acl: 'ACL',
  id: 'Id',
  stat: 'Stat',
  clientInfo: 'ClientInfo',
};

/** Requests of operations inside a multi. */
const MULTI_REQUESTS: Record<number, string> = {
  ...{ 1: 'CreateRequest', 2: 'DeleteRequest', 4: 'GetDataRequest', 5: 'SetDataRequest' },
  ...{ 8: 'GetChildrenRequest', 13: 'CheckVersionRequest', 15: 'CreateRequest' },
  ...{ 19: 'CreateRequest', 21: 'CreateTTLRequest' },
};
/** Results inside a multi, as the records that their fields make up. */
const MULTI_RESULTS: Record<number, string> = {
  ...{ 1: 'CreateResponse', 4: 'GetDataResponse', 5: 'SetDataResponse', 8: 'GetChildrenResponse' },
  ...{ 15: 'Create2Response', [-1]: 'ErrorResponse' },
};

function* nestedRecords(value: JuteValue): Generator<string> {
  if (value === null || typeof value !== 'object') return;
  for (const [field, inner] of Object.entries(value)) {
    const record = RECORD_FIELDS[field];
    const holds = Array.isArray(inner)
      ? inner.length > 0
      : typeof inner === 'object' && inner !== null;
    if (record !== undefined && holds) yield record;
    yield* nestedRecords(inner);
  }
}

function* recordsOf({ kind, value }: GoldenCase): Generator<string> {
  if (value.header !== undefined) yield kind === 'req' ? 'RequestHeader' : 'ReplyHeader';
  if (value.type !== undefined) yield value.type;
  if (value.record === undefined) return;
  yield* nestedRecords(value.record);
  if (value.type !== 'MultiOperationRecord' && value.type !== 'MultiResponse') return;
  yield 'MultiHeader';
  for (const part of value.record as { op: number }[]) {
    const name = (kind === 'req' ? MULTI_REQUESTS : MULTI_RESULTS)[part.op];
    if (name !== undefined) yield name;
  }
}

function add(count: Count, client: string): void {
  count.cases++;
  count.clients.add(client);
}

/** Counts the goldens below `fixtures`. `check` is counted by its occurrences inside multis. */
export function coverageOf(fixtures: string): Coverage {
  const coverage: Coverage = { operations: new Map(), records: new Map() };
  const operation = (name: string): Record<Direction, Count> => {
    const counts = coverage.operations.get(name) ?? { c2s: empty(), s2c: empty() };
    coverage.operations.set(name, counts);
    return counts;
  };
  for (const file of readdirSync(join(fixtures, 'packets')).sort()) {
    const fixture: { operation: string; cases: GoldenCase[] } = JSON.parse(
      readFileSync(join(fixtures, 'packets', file), 'utf8'),
    );
    for (const one of fixture.cases) {
      const { client } = one.source;
      if (fixture.operation !== LARGE) add(operation(fixture.operation)[one.direction], client);
      for (const record of new Set(recordsOf(one))) {
        const count = coverage.records.get(record) ?? empty();
        coverage.records.set(record, count);
        add(count, client);
      }
      if (one.op !== 14) continue;
      const ops = (one.value.record ?? []) as { op: number }[];
      if (ops.some(({ op }) => op === 13)) add(operation('check')[one.direction], client);
      if (ops.some(({ op }) => op === -1)) add(operation('error')[one.direction], client);
    }
  }
  return coverage;
}

function cell({ cases, clients }: Count): string {
  return cases === 0 ? '-' : `${cases} (${[...clients].join(', ')})`;
}

/** The coverage as two Markdown tables. */
export function coverageTable(fixtures: string): string {
  const { operations, records } = coverageOf(fixtures);
  const alone = new Map<string, number>();
  const written: { cases: { type: string }[] } = JSON.parse(
    readFileSync(join(fixtures, 'records.json'), 'utf8'),
  );
  for (const { type } of written.cases) alone.set(type, (alone.get(type) ?? 0) + 1);
  const names = [...new Set([...alone.keys(), ...records.keys()])].sort();
  return [
    '| operation | from the client | from the server |',
    '|---|---|---|',
    ...[...operations].map(([name, { c2s, s2c }]) => `| ${name} | ${cell(c2s)} | ${cell(s2c)} |`),
    '',
    '| record | packets that hold it | alone, written by Apache |',
    '|---|---|---|',
    ...names.map(
      (name) => `| ${name} | ${cell(records.get(name) ?? empty())} | ${alone.get(name) ?? '-'} |`,
    ),
  ].join('\n');
}
