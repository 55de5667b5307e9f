import { describe, expect, it } from 'vitest';
import { checkTypesInUse } from '../../../../tools/jute-gen/emit-names.ts';
import {
  buildSchema,
  checkDocumented,
  recordGrammar,
  type Schema,
} from '../../../../tools/jute-gen/model.ts';
import { parseSchema } from '../../../../tools/jute-gen/parse.ts';

function schemaOf(text: string): Schema {
  return buildSchema(parseSchema('s.jute', text));
}

/** A schema with the given classes in one module. The first class starts in line 2. */
function classes(text: string): Schema {
  return schemaOf(`module m {\n${text}\n}`);
}

describe('buildSchema', () => {
  it('computes sizes: fixed ones through nested records, minima with empty strings and vectors', () => {
    const { records } = classes(`
      class Fixed { int a; boolean b; long c; byte d; }
      class Nested { Fixed fixed; double e; }
      class Variable { Nested nested; ustring s; buffer b; vector<Fixed> v; map<int,int> m; }`);
    expect(records.map(({ name, minBytes, fixedBytes }) => [name, minBytes, fixedBytes])).toEqual([
      ['Fixed', 14, 14],
      ['Nested', 22, 22],
      ['Variable', 38, null],
    ]);
  });

  it('gives the grammar with simple names and marks what may be null', () => {
    const { records } = schemaOf(`module a.b { class Id { int i; } }
      module c { class R {
        vector<a.b.Id> ids; /** @nullable */ buffer data; a.b.Id id; map<int,ustring> m; } }`);
    expect(recordGrammar(records[1]!)).toBe(
      'R => ids:vector<Id> data:buffer? id:Id m:map<int,ustring>',
    );
  });

  it('takes nullability from the doc comment and keeps the tag out of the text', () => {
    const { records } = classes(`
      /** About R. */
      class R {
        /** Plain. */
        ustring a;
        /**
         * Two lines
         * of text.
         *
         * A paragraph, with a@b in it.
         * @nullable
         */
        ustring b;
        /** One line. @nullable */
        vector<int> c;
        ustring d;
      }`);
    expect(records[0]!.doc).toEqual(['About R.']);
    expect(records[0]!.fields.map(({ name, nullable, doc }) => ({ name, nullable, doc }))).toEqual([
      { name: 'a', nullable: false, doc: ['Plain.'] },
      {
        name: 'b',
        nullable: true,
        doc: ['Two lines', 'of text.', '', 'A paragraph, with a@b in it.'],
      },
      { name: 'c', nullable: true, doc: ['One line.'] },
      { name: 'd', nullable: false, doc: [] },
    ]);
  });

  it.each([
    ['class A { Missing m; }', '2:11: unknown type Missing'],
    ['class A { vector<x.Missing> m; }', '2:18: unknown type x.Missing'],
    ['class A { int i; }\nclass A { int i; }', '3:7: class A is declared already, in m'],
    ['class A { int i; long i; }', '2:23: A has a field i already'],
    ['class A { A a; }', '2:13: a record cannot contain itself: A -> A'],
    [
      'class A { vector<B> b; }\nclass B { map<int,C> c; }\nclass C { A a; }',
      '4:13: a record cannot contain itself: A -> B -> C -> A',
    ],
    ['class A { B b; }\nclass B { int i; }', '2:11: B is used before its declaration'],
    ['class A { /** @nullable */ int i; }', '2:32: int i cannot be @nullable'],
    [
      'class A { /** @deprecated */ int i; }',
      '2:34: the doc comment has an unknown tag @deprecated',
    ],
    [
      'class A { /** @like b */ long a; long b; }',
      '2:31: @like b is for a long, and names 0 or a long before it',
    ],
    [
      'class A { int a; /** @like a */ long b; }',
      '2:38: @like a is for a long, and names 0 or a long before it',
    ],
    [
      'class A { /** @like 0 */ int a; }',
      '2:30: @like 0 is for a long, and names 0 or a long before it',
    ],
    ['/** @nullable */ class A { int i; }', '2:24: the doc comment has an unknown tag @nullable'],
  ])('refuses %j', (text, problem) => {
    expect(() => classes(text)).toThrow(`s.jute:${problem}`);
  });

  it('refuses one class name in two modules', () => {
    const text = 'module a { class A { int i; } } module b { class A { int i; } }';
    expect(() => schemaOf(text)).toThrow('s.jute:1:50: class A is declared already, in a');
  });

  it('refuses a nullable record', () => {
    const text = 'class A { int i; } class B { /** @nullable */ A a; }';
    expect(() => classes(text)).toThrow('s.jute:2:49: A a cannot be @nullable');
  });
});

describe('checkDocumented', () => {
  it('wants a doc comment for each class and field', () => {
    expect(() => checkDocumented(classes('class A { int i; }'))).toThrow(
      's.jute:2:7: class A has no doc comment',
    );
    expect(() => checkDocumented(classes('/** A. */ class A { int i; }'))).toThrow(
      's.jute:2:25: field i of A has no doc comment',
    );
    checkDocumented(classes('/** A. */ class A { /** I. */ int i; }'));
  });
});

describe('checkTypesInUse', () => {
  it.each(['byte', 'float', 'double', 'map<int,int>', 'vector<byte>'])('refuses %s', (type) => {
    const name = type.replace('vector<', '').replace(/[<>].*/, '');
    expect(() => checkTypesInUse(classes(`class A { ${type} f; }`))).toThrow(
      new RegExp(`^s\\.jute:2:\\d+: ${name} is not used by any client record$`),
    );
  });
});
