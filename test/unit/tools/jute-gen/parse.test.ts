import { describe, expect, it } from 'vitest';
import { parseSchema } from '../../../../tools/jute-gen/parse.ts';
import { SchemaError } from '../../../../tools/jute-gen/schema-error.ts';

const FILE = 'schema/client.jute';

describe('parseSchema', () => {
  it('reads modules, classes, every type, comments and doc comments', () => {
    const schema = parseSchema(
      FILE,
      `// about the file
/** The module. */
module a.b {
  /* not documentation */
  class One { byte a; boolean b; int c; long d; float e; double f; ustring g; buffer h; }
  /** Two. */
  class Two {
    /** The one. */ One one;
    vector<vector<a.b.One>> many;
    /** lost */ /** A map. */
    map<ustring, vector<int>> map_1; // trailing
  }
}`,
    );
    expect(schema.modules.map(({ name, doc }) => [name, doc])).toEqual([['a.b', ' The module. ']]);
    const [one, two] = schema.modules[0]!.classes;
    expect(one!.doc).toBeNull();
    expect(one!.fields.map(({ name, type }) => [name, type.kind])).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => [name, 'primitive']),
    );
    expect(two!.doc).toBe(' Two. ');
    expect(two!.at).toEqual({ line: 7, column: 9 });
    expect(two!.fields).toMatchObject([
      { name: 'one', doc: ' The one. ', type: { kind: 'name', name: 'One' } },
      {
        name: 'many',
        doc: null,
        type: { kind: 'vector', element: { kind: 'vector', element: { name: 'a.b.One' } } },
      },
      {
        name: 'map_1',
        doc: ' A map. ',
        type: {
          kind: 'map',
          key: { name: 'ustring' },
          value: { kind: 'vector', element: { name: 'int' } },
        },
      },
    ]);
  });

  it('opens any number of modules', () => {
    const schema = parseSchema(
      FILE,
      'module a { class A { int i; } } module b { class B { A a; } }',
    );
    expect(schema.modules.map((module) => module.name)).toEqual(['a', 'b']);
  });

  it.each([
    ['', "1:1: expected 'module', found the end of the file"],
    ['class A {}', "1:1: expected 'module', found 'class'"],
    ['module 1', "1:8: expected a module name, found '1'"],
    ['module a.{', "1:10: expected a name after '.', found '{'"],
    ['module a class', "1:10: expected '{' or '.', found 'class'"],
    ['module a {}', "1:11: expected 'class', found '}'"],
    ['module a { class A { int i; } int', "1:31: expected 'class' or '}', found 'int'"],
    ['module a { class A { int i; } ', "1:31: expected 'class' or '}', found the end of the file"],
    ['module a { class vector {', "1:18: expected a class name, found 'vector'"],
    ['module a { class A {}', "1:21: expected a type, found '}'"],
    ['module a { class A { int i; 😀', "1:29: expected a type or '}', found '😀'"],
    ['module a { class A { class i;', "1:22: expected a type, found 'class'"],
    ['module a { class A { int ; } }', "1:26: expected a field name, found ';'"],
    ['module a { class A { int long; } }', "1:26: expected a field name, found 'long'"],
    ['module a { class A { int i } }', "1:28: expected ';', found '}'"],
    ['module a { class A { vector i', "1:29: expected '<', found 'i'"],
    ['module a { class A { vector<>', "1:29: expected an element type, found '>'"],
    ['module a { class A { vector<int i', "1:33: expected '>', found 'i'"],
    ['module a { class A { map<int> m', "1:29: expected ',', found '>'"],
    ['module a { class A { map<int,;', "1:30: expected a value type, found ';'"],
    ['module a { class A { int i; } }\nx', "2:1: expected 'module', found 'x'"],
    ['include "x.jute"', '1:1: include is not supported: put everything into one file'],
    ['module a {\r\n  /* open\n', '2:3: this comment is not closed'],
    ['module a {\n\n\tclass A {\n\t\tint "i";', '4:7: expected a field name, found \'"i"\''],
    ['module a { class A { a. int', "1:25: expected a name after '.', found 'int'"],
  ])('refuses %j', (text, problem) => {
    expect(thrownBy(() => parseSchema(FILE, text)).message).toBe(`${FILE}:${problem}`);
  });

  it('names file, line and column in the error', () => {
    const text = `${'\n'.repeat(10)}module a { class A {\n    int ;`;
    const error = thrownBy(() => parseSchema(FILE, text));
    expect(error).toMatchObject({ name: 'SchemaError', file: FILE, line: 12, column: 9 });
    expect(error.message).toBe("schema/client.jute:12:9: expected a field name, found ';'");
  });
});

function thrownBy(action: () => unknown): SchemaError {
  try {
    action();
  } catch (error) {
    if (error instanceof SchemaError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
