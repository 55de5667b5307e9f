import { describe, expect, it } from 'vitest';
import { Ephemerals } from '../../../../src/server/tree/ephemerals.ts';
import recorded from './recorded-order.json' with { type: 'json' };

describe('Ephemerals', () => {
  it('are listed in the order in which a real server did', () => {
    const ephemerals = new Ephemerals();
    let [present, compared] = [0, 0];
    for (const [verb, subject] of recorded.ephemeral.steps) {
      if (verb === 'add') {
        ephemerals.add(5n, subject as string);
        present++;
      } else if (verb === 'delete') {
        ephemerals.delete(5n, subject as string);
        present--;
      } else {
        compared++;
        expect(ephemerals.of(5n)).toEqual(subject);
      }
      expect(ephemerals.count).toBe(present);
    }
    expect([compared, present]).toEqual([21, 0]);
    expect([...ephemerals.entries()]).toEqual([[5n, []]]);
  });

  it('come from a table that has 16 buckets at first, as a real server shows', () => {
    const ephemerals = new Ephemerals();
    for (const path of ['/i', '/a']) ephemerals.add(5n, path);
    expect(ephemerals.of(5n)).toEqual(['/a', '/i']);
  });

  it('of a session are gone with it', () => {
    const ephemerals = new Ephemerals();
    for (const path of ['/b', '/a']) ephemerals.add(1n, path);
    ephemerals.add(2n, '/c');
    expect(ephemerals.take(1n)).toEqual(['/a', '/b']);
    expect([ephemerals.take(1n), ephemerals.of(1n), ephemerals.count]).toEqual([[], [], 1]);
    ephemerals.delete(1n, '/a');
    ephemerals.delete(2n, '/x');
    expect([[...ephemerals.sessions], ephemerals.count]).toEqual([[2n], 1]);
  });
});
