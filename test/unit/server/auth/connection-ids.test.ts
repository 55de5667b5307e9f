import { describe, expect, it } from 'vitest';
import { CREDENTIALS_MAX } from '../../../../src/limits.ts';
import { CONNECTION_IDS_MAX, ConnectionIds } from '../../../../src/server/auth/connection-ids.ts';

/**
 * What Java 17 lists after the nth of these ids was added: digests by their n, others by scheme. Its
 * table has doubled at 12, 24 and 48.
 */
const JAVA_ORDER: readonly (readonly [n: number, order: string])[] = [
  [1, '0 1 ip'],
  [9, '0 6 4 5 ip 2 9 7 1 super 3 8'],
  [10, '0 6 4 5 ip 2 9 7 1 super 3 10 8'],
  [22, '4 ip 14 19 11 15 1 super 20 22 10 0 6 17 12 5 2 16 9 21 7 18 13 3 8'],
  [23, '4 ip 14 19 11 15 1 super 20 22 10 0 6 17 12 5 2 16 23 9 21 7 18 13 3 8'],
  [
    47,
    '42 14 36 15 37 1 super 20 22 43 6 0 12 27 34 9 21 40 7 29 13 28 35 41 8 46 31 4 ip 19 25 26 11 32 33 10 17 44 5 38 24 30 2 23 16 47 45 18 3 39',
  ],
];

const digest = (n: number) => ({ scheme: 'digest', id: `user${n}:${(n * 7919) % 1000}` });

function orderAfter(last: number): string {
  const ids = new ConnectionIds('127.0.0.1');
  for (let n = 0; n <= last; n++) {
    ids.add(digest(n));
    if (n === 2) ids.add({ scheme: 'super', id: '' });
  }
  const names = ids.list.map(
    ({ scheme, id }) => (/^user(\d+)/.exec(id ?? '') ?? [undefined, scheme])[1],
  );
  return names.join(' ');
}

describe('identities of a connection', () => {
  it.each(JAVA_ORDER)('are in the order of Java after %i', (n, order) => {
    expect(orderAfter(n)).toBe(order);
  });

  it('begin with the address, as Java writes it', () => {
    expect(new ConnectionIds('::1').list).toEqual([{ scheme: 'ip', id: '0:0:0:0:0:0:0:1' }]);
  });

  it('are there once', () => {
    const ids = new ConnectionIds('127.0.0.1');
    for (let times = 0; times < 3; times++) expect(ids.add(digest(0))).toBe(true);
    expect(ids.list).toHaveLength(2);
  });

  it('give a list that does not change', () => {
    const ids = new ConnectionIds('127.0.0.1');
    const before = ids.list;
    ids.add(digest(0));
    expect([before.length, ids.list.length]).toEqual([1, 2]);
  });

  it('have room for what a client of ours may show, beside address, certificate and login', () => {
    expect(CONNECTION_IDS_MAX).toBeGreaterThanOrEqual(CREDENTIALS_MAX + 3);
  });

  it('are not without end', () => {
    const ids = new ConnectionIds('127.0.0.1');
    for (let n = 1; n < CONNECTION_IDS_MAX; n++) expect(ids.add(digest(n))).toBe(true);
    expect(ids.add(digest(CONNECTION_IDS_MAX))).toBe(false);
    expect(ids.add(digest(1))).toBe(true);
    expect(ids.list).toHaveLength(CONNECTION_IDS_MAX);
  });
});
