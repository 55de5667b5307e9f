import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashOrderedMap } from '../../../../src/server/tree/hash-ordered-map.ts';
import { fastCheckOptions, seedNote } from '../../../property/seed.ts';
import recorded from './recorded-order.json' with { type: 'json' };

type Step = readonly (string | readonly string[])[];

/** Does what was recorded; `list` is what is compared with the recorded lists. */
function replay(
  steps: readonly Step[],
  map: HashOrderedMap<number>,
  list: () => readonly string[],
): number {
  let compared = 0;
  for (const [verb, subject] of steps) {
    if (verb === 'add') map.set(subject as string, 1);
    else if (verb === 'delete') expect(map.delete(subject as string)).toBe(true);
    else {
      compared++;
      expect(list()).toEqual(subject);
    }
  }
  return compared;
}

/** Java's table, told plainly: chains of names that are split when the table doubles. */
class ChainedTable {
  #chains: string[][];
  #size = 0;

  constructor(buckets: number) {
    this.#chains = Array.from({ length: buckets }, () => []);
  }

  get names(): string[] {
    return this.#chains.flat();
  }

  #chain(name: string): string[] {
    let hash = 0n;
    for (const char of name) hash = (hash * 31n + BigInt(char.codePointAt(0)!)) & 0xffffffffn;
    return this.#chains[Number((hash ^ (hash >> 16n)) % BigInt(this.#chains.length))]!;
  }

  add(name: string): void {
    if (this.#chain(name).includes(name)) return;
    this.#chain(name).push(name);
    if (++this.#size * 4 <= this.#chains.length * 3) return;
    const { names } = this;
    this.#chains = Array.from({ length: this.#chains.length * 2 }, () => []);
    for (const each of names) this.#chain(each).push(each);
  }

  delete(name: string): void {
    const chain = this.#chain(name);
    const at = chain.indexOf(name);
    if (at === -1) return;
    chain.splice(at, 1);
    this.#size--;
  }
}

describe('HashOrderedMap', () => {
  it('lists names in the order that a real server gave children', () => {
    const map = new HashOrderedMap<number>(8);
    expect(replay(recorded.steps, map, () => map.names())).toBe(11);
    expect(map.size).toBe(3);
  });

  it(`agrees with chains that are split (${seedNote()})`, () => {
    const name = fc.string({ minLength: 1, maxLength: 4, unit: 'grapheme-ascii' });
    const step = fc.tuple(fc.integer({ min: 0, max: 3 }), name);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const map = new HashOrderedMap<string>(8);
        const table = new ChainedTable(8);
        for (const [verb, name] of steps) {
          if (verb === 0) {
            map.delete(name);
            table.delete(name);
          } else {
            map.set(name, name);
            table.add(name);
          }
        }
        expect(map.names()).toEqual(table.names);
      }),
      fastCheckOptions(300),
    );
  });

  it('hashes in 32 bits: more than 16 of them matter in a large table', () => {
    const map = new HashOrderedMap<number>(8);
    const table = new ChainedTable(2 ** 17);
    for (let index = 0; index < 50_000; index++) {
      map.set(`node-${index}`, 1);
      table.add(`node-${index}`);
    }
    const { names } = table;
    expect(names.length).toBe(50_000);
    expect(map.names().findIndex((name, at) => name !== names[at])).toBe(-1);
  });

  it('lists few names of a table that was large once', () => {
    const map = new HashOrderedMap<number>(8);
    const table = new ChainedTable(8);
    const names = Array.from({ length: 3000 }, (_, index) => `n${index * 7}`);
    for (const name of names) {
      map.set(name, 1);
      table.add(name);
    }
    for (const [index, name] of names.entries()) {
      if (index % 60 === 7) continue;
      map.delete(name);
      table.delete(name);
    }
    expect(map.size).toBe(50);
    expect(map.names()).toEqual(table.names);
    expect(map.names()).not.toEqual([...table.names].sort());
  });

  it('keeps a list until a change, and never changes one that it gave', () => {
    const map = new HashOrderedMap<number>(8);
    map.set('b', 1);
    map.set('a', 2);
    const before = map.names();
    expect(map.names()).toBe(before);
    expect(map.namesOnce()).toBe(before);
    map.set('c', 3);
    expect(before).toEqual(['a', 'b']);
    expect(map.namesOnce()).toEqual(['a', 'b', 'c']);
    expect(map.namesOnce()).not.toBe(map.namesOnce());
    expect(map.delete('x')).toBe(false);
    const after = map.names();
    map.delete('a');
    expect([after, map.names()]).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c'],
    ]);
    expect([map.get('b'), map.get('a'), [...map.values()]]).toEqual([1, undefined, [1, 3]]);
  });

  it('does not grow when a name is set again', () => {
    const map = new HashOrderedMap<number>(8);
    const names = ['l', 'k', 'j', 'i', 'h', 'g'];
    for (const name of [...names, ...names]) map.set(name, 1);
    // In a table of 16 it would be g to o, then p to r.
    expect(map.names()).toEqual(['h', 'i', 'j', 'k', 'l', 'g']);
  });
});
