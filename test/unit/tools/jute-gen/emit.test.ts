import { describe, expect, it } from 'vitest';
import { constantName, docComment } from '../../../../tools/jute-gen/emit-names.ts';
import { emitRecordTable } from '../../../../tools/jute-gen/emit-record-table.ts';
import { emitRecords } from '../../../../tools/jute-gen/emit-records.ts';
import { buildSchema, type Schema } from '../../../../tools/jute-gen/model.ts';
import { parseSchema } from '../../../../tools/jute-gen/parse.ts';

function schemaOf(text: string): Schema {
  return buildSchema(parseSchema('small.jute', text));
}

const SMALL = schemaOf(`
/** Shared. */
module m {
  /** A point. */
  class Point {
    /** Across. */
    int x;
    /** Is it real? */
    boolean real;
    /** Since when. */
    long since;
  }
  /** A path. */
  class Path {
    /** Its | name. */
    ustring name;
    /** Points. @nullable */
    vector<Point> points;
  }
}`);

/** The code after the imports. */
function codeOf(schema: Schema): string {
  const text = emitRecords(schema);
  return text.slice(text.indexOf("jute-writer.ts';") + 18);
}

describe('emitRecords', () => {
  it('emits straight-line code: interface, reader, writer, sizes, vector loops', () => {
    expect(
      emitRecords(SMALL),
    ).toBe(`// GENERATED from small.jute by tools/jute-gen. Do not edit: change the schema and run
// \`npm run generate\`.
//
// Reading is faithful: what the wire can carry as null is typed so. Writing is strict: a parameter
// takes null only where a correct peer may send it, which the grammar marks with \`?\`.

import { longAt, type JuteReader } from './jute-reader.ts';
import type { JuteWriter } from './jute-writer.ts';

/** Bytes of every Point. */
export const POINT_BYTES = 13;

/** A point. */
export interface Point {
  /** Across. */
  x: number;
  /** Is it real? */
  real: boolean;
  /** Since when. */
  since: bigint;
}

/** Point => x:int real:boolean since:long */
export function readPoint(r: JuteReader): Point {
  const o = r.take(POINT_BYTES);
  const v = r.view;
  return {
    x: v.getInt32(o),
    real: v.getUint8(o + 4) !== 0,
    since: longAt(v, o + 5),
  };
}

/** Point => x:int real:boolean since:long */
export function writePoint(w: JuteWriter, x: number, real: boolean, since: bigint): void {
  const o = w.reserve(POINT_BYTES);
  const v = w.view;
  v.setInt32(o, x);
  v.setUint8(o + 4, real ? 1 : 0);
  v.setBigInt64(o + 5, since);
}

/** Writes the fields of a Point object, nulls as they are. */
export function writePointOf(w: JuteWriter, record: Point): void {
  writePoint(w, record.x, record.real, record.since);
}

/** A path. */
export interface Path {
  /** Its | name. */
  name: string | null;
  /** Points. */
  points: Point[] | null;
}

/** Path => name:ustring points:vector<Point>? */
export function readPath(r: JuteReader): Path {
  const name = r.ustring();
  const points = readPointVector(r);
  return { name, points };
}

/** Path => name:ustring points:vector<Point>? */
export function writePath(w: JuteWriter, name: string, points: readonly Point[] | null): void {
  w.ustring(name);
  writePointVector(w, points);
}

function readPointVector(r: JuteReader): Point[] | null {
  const n = r.count(POINT_BYTES);
  if (n < 0) return null;
  const items = new Array<Point>(n);
  for (let i = 0; i < n; i++) items[i] = readPoint(r);
  return items;
}

function writePointVector(w: JuteWriter, items: readonly Point[] | null): void {
  if (items === null) {
    w.count(-1);
    return;
  }
  const n = items.length;
  w.count(n);
  for (let i = 0; i < n; i++) writePointOf(w, items[i]!);
}
`);
  });

  it('checks each run of fixed fields once, and reads the view again after each reservation', () => {
    const schema = schemaOf(
      'module m { class R { int a; boolean b; ustring s; long c; long d; buffer e; int f; } }',
    );
    expect(codeOf(schema)).toContain(`{
  const o = r.take(5);
  const v = r.view;
  const a = v.getInt32(o);
  const b = v.getUint8(o + 4) !== 0;
  const s = r.ustring();
  const o2 = r.take(16);
  const v2 = r.view;
  const c = longAt(v2, o2);
  const d = longAt(v2, o2 + 8);
  const e = r.buffer();
  const f = r.int();
  return { a, b, s, c, d, e, f };
}`);
    expect(codeOf(schema)).toContain(`{
  const o = w.reserve(5);
  const v = w.view;
  v.setInt32(o, a);
  v.setUint8(o + 4, b ? 1 : 0);
  w.ustring(s);
  const o2 = w.reserve(16);
  const v2 = w.view;
  v2.setBigInt64(o2, c);
  v2.setBigInt64(o2 + 8, d);
  w.buffer(e);
  w.int(f);
}`);
  });

  it('lets writers take null only where the schema says so', () => {
    const schema = schemaOf(`module m { class R {
      ustring a; /** @nullable */ ustring b;
      buffer c; /** @nullable */ buffer d;
      vector<ustring> e; /** @nullable */ vector<ustring> f; vector<vector<buffer>> g; } }`);
    expect(codeOf(schema)).toContain(`export function writeR(
  w: JuteWriter,
  a: string,
  b: string | null,
  c: Uint8Array,
  d: Uint8Array | null,
  e: readonly string[],
  f: readonly string[] | null,
  g: readonly (readonly Uint8Array[])[],
): void {`);
    expect(codeOf(schema)).toContain(`export interface R {
  a: string | null;
  b: string | null;
  c: Buffer | null;
  d: Buffer | null;
  e: (string | null)[] | null;
  f: (string | null)[] | null;
  g: ((Buffer | null)[] | null)[] | null;
}`);
  });

  it('keeps field names that cannot be variables', () => {
    const schema = schemaOf('module m { class R { ustring r; ustring delete; ustring o; } }');
    expect(codeOf(schema)).toContain('return { r: r_, delete: delete_, o: o_ };');
    expect(codeOf(schema)).toContain(
      'writeR(w: JuteWriter, r_: string, delete_: string, o_: string): void {',
    );
  });

  it('gives a record whose only field is fixed its size, without a view', () => {
    const schema = schemaOf('module m { class A { int i; } class B { A a; } }');
    expect(codeOf(schema)).toContain('export const A_BYTES = 4;');
    expect(codeOf(schema)).toContain('export const B_BYTES = 4;');
    expect(codeOf(schema)).toContain('  return { i: r.int() };');
    expect(codeOf(schema)).toContain('  return { a: readA(r) };');
    expect(codeOf(schema)).toContain('  writeAOf(w, a);');
  });
});

describe('emitRecordTable', () => {
  it('emits one entry a record, with casts only where writing is stricter than reading', () => {
    expect(emitRecordTable(SMALL)).toContain(`export const RECORDS: Records = {
  Point: {
    name: 'Point',
    module: 'm',
    grammar: 'Point => x:int real:boolean since:long',
    minBytes: 13,
    fixedBytes: 13,
    fields: [
      { name: 'x', type: 'int', nullable: false },
      { name: 'real', type: 'boolean', nullable: false },
      { name: 'since', type: 'long', nullable: false },
    ],
    read: readPoint,
    write(w, record) {
      writePoint(w, record.x, record.real, record.since);
    },
  },
  Path: {
    name: 'Path',
    module: 'm',
    grammar: 'Path => name:ustring points:vector<Point>?',
    minBytes: 8,
    fixedBytes: null,
    fields: [
      { name: 'name', type: 'ustring', nullable: false },
      { name: 'points', type: 'vector<Point>', nullable: true },
    ],
    read: readPath,
    write(w, record) {
      writePath(w, record.name as string, record.points);
    },
  },
};
`);
  });
});

describe('names and comments', () => {
  it.each([
    ['Stat', 'STAT'],
    ['ACL', 'ACL'],
    ['GetACLRequest', 'GET_ACL_REQUEST'],
    ['CreateTTLRequest', 'CREATE_TTL_REQUEST'],
    ['GetChildren2Response', 'GET_CHILDREN2_RESPONSE'],
    ['WhoAmIResponse', 'WHO_AM_I_RESPONSE'],
  ])('%s becomes %s', (name, constant) => {
    expect(constantName(name)).toBe(constant);
  });

  it('wraps long comments at 100 columns', () => {
    const lines = docComment([`${'word '.repeat(30)}end`], '  ');
    expect(lines[0]).toBe('  /**');
    expect(lines.at(-1)).toBe('   */');
    expect(lines.slice(1, -1).map((line) => line.length)).toEqual([99, 63]);
    expect(docComment(['short'])).toEqual(['/** short */']);
    expect(docComment(['a', '', 'b'])).toEqual(['/**', ' * a', ' *', ' * b', ' */']);
  });
});
