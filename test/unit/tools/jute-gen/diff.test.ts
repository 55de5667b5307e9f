import { describe, expect, it } from 'vitest';
import { diffSchemas, formatDiff, type SchemaDiff } from '../../../../tools/jute-gen/diff.ts';
import { parseSchema } from '../../../../tools/jute-gen/parse.ts';

function diff(ours: string, theirs: string): SchemaDiff {
  return diffSchemas(parseSchema('ours.jute', ours), parseSchema('theirs.jute', theirs));
}

describe('diffSchemas', () => {
  it('finds nothing in schemas that differ in comments, record order and qualification only', () => {
    const result = diff(
      'module m { /** A. */ class A { int i; } class B { vector<A> a; } }',
      'module m { class B { vector<m.A> a; } } module m { class A { int i; // odd\n } }',
    );
    expect(result.differences).toEqual([]);
    expect(formatDiff(result)).toEqual(['ours.jute and theirs.jute: no differences']);
  });

  it('finds records and fields missing on either side', () => {
    const result = diff(
      'module m { class A { int i; ustring only; } class Ours { int i; } }',
      'module m { class A { int i; buffer extra; } class Theirs { int i; } }',
    );
    expect(formatDiff(result)).toEqual([
      'm.A.only: ustring, not in theirs.jute',
      'm.A.extra: buffer, not in ours.jute',
      'm.Ours: not in theirs.jute',
      'm.Theirs: not in ours.jute',
      'ours.jute and theirs.jute: 4 differences',
    ]);
  });

  it('finds types and order that differ', () => {
    const result = diff(
      'module m { class A { int a; vector<ustring> b; map<int,long> c; } }',
      'module m { class A { map<int,int> c; vector<buffer> b; int a; } }',
    );
    expect(result.differences).toEqual([
      {
        kind: 'type-differs',
        module: 'm',
        record: 'A',
        field: 'b',
        ours: 'vector<ustring>',
        theirs: 'vector<buffer>',
      },
      {
        kind: 'type-differs',
        module: 'm',
        record: 'A',
        field: 'c',
        ours: 'map<int,long>',
        theirs: 'map<int,int>',
      },
      {
        kind: 'order-differs',
        module: 'm',
        record: 'A',
        ours: ['a', 'b', 'c'],
        theirs: ['c', 'b', 'a'],
      },
    ]);
    expect(formatDiff(result)).toEqual([
      'm.A.b: vector<ustring> in ours.jute, vector<buffer> in theirs.jute',
      'm.A.c: map<int,long> in ours.jute, map<int,int> in theirs.jute',
      'm.A: order a b c in ours.jute, c b a in theirs.jute',
      'ours.jute and theirs.jute: 3 differences',
    ]);
  });

  it('says which modules it left out, and counts a module that they lack', () => {
    const result = diff(
      'module m { class A { int i; } } module n { class B { int i; } }',
      'module m { class A { int i; } } module server { class X { int i; } }',
    );
    expect(result.modulesOnlyTheirs).toEqual(['server']);
    expect(formatDiff(result)).toEqual([
      'n.B: not in theirs.jute',
      'not compared, only in theirs.jute: server',
      'ours.jute and theirs.jute: 1 difference',
    ]);
  });

  it('takes a type of a name that is declared nowhere for what it says', () => {
    const result = diff('module m { class A { X x; } }', 'module m { class A { n.X x; } }');
    expect(formatDiff(result)[0]).toBe('m.A.x: m.X in ours.jute, n.X in theirs.jute');
  });
});
