import { describe, expect, it } from 'vitest';
import { Listener } from './heard.ts';
import { ANY, bench, node, parentNode, RELEASES } from './watch-bench.ts';

describe.each(RELEASES)('WatchTables of %s', (release) => {
  it('tells a one-shot watch of data once', () => {
    const { tables, one, ...on } = bench(release);
    tables.addData('/a', one);
    on.change('/b');
    on.create('/a/b');
    expect(one.take()).toEqual([]);
    on.change('/a');
    on.change('/a');
    expect(one.take()).toEqual(['changed /a']);
    expect(tables.watchCount).toBe(0);
  });

  it('tells a one-shot watch of data of its znode being made and deleted', () => {
    const { tables, one, ...on } = bench(release);
    tables.addData('/a', one);
    on.create('/a');
    tables.addData('/a', one);
    on.delete('/a');
    on.create('/a');
    expect(one.take()).toEqual(['created /a', 'deleted /a']);
  });

  it('tells a one-shot watch of children of births, deaths, and the end of the znode', () => {
    const { tables, one, ...on } = bench(release);
    for (const run of [
      () => on.create('/a/b'),
      () => on.delete('/a/b'),
      () => on.delete('/a'),
      () => on.change('/a'),
    ]) {
      tables.addChild('/a', one);
      run();
      run();
    }
    expect(one.take()).toEqual(['children /a', 'children /a', 'deleted /a']);
  });

  it('tells of children of the root', () => {
    const { tables, one, ...on } = bench(release);
    tables.addChild('/', one);
    on.create('/a');
    expect(one.take()).toEqual(['children /']);
  });

  it('counts a watch that is set twice once', () => {
    const { tables, one, ...on } = bench(release);
    tables.addData('/a', one);
    tables.addData('/a', one);
    expect(tables.watchCount).toBe(1);
    on.change('/a');
    expect(one.take()).toEqual(['changed /a']);
  });

  it('tells everybody, in the order in which they came', () => {
    const { tables, ...on } = bench(release);
    const order: number[] = [];
    const all = Array.from({ length: 5 }, (_, index) => {
      const listener = new Listener();
      listener.onNotify = () => order.push(index);
      tables.addData('/a', listener);
      return listener;
    });
    on.change('/a');
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(all.map(({ heard }) => heard)).toEqual(Array(5).fill(['changed /a']));
    expect(tables.summary).toEqual({ connections: 5, paths: 0, watches: 0 });
  });

  it('tells persistent watches of data and children, again and again', () => {
    const { tables, one, ...on } = bench(release);
    tables.addPersistent('/a', one, false);
    for (let round = 0; round < 2; round++) {
      on.create('/a');
      on.change('/a');
      on.create('/a/b');
      on.change('/a/b');
      on.delete('/a/b');
      on.delete('/a');
    }
    const once = ['created /a', 'changed /a', 'children /a', 'children /a', 'deleted /a'];
    expect(one.take()).toEqual([...once, ...once]);
  });

  it('tells recursive watches of everything below, and of no children', () => {
    const { tables, one, ...on } = bench(release);
    tables.addPersistent('/a', one, true);
    on.create('/a');
    on.create('/a/b');
    on.create('/a/b/c');
    on.change('/a/b/c');
    on.delete('/a/b/c');
    on.delete('/a/b');
    on.change('/ab');
    on.delete('/a');
    expect(one.take()).toEqual([
      'created /a',
      'created /a/b',
      'created /a/b/c',
      'changed /a/b/c',
      'deleted /a/b/c',
      'deleted /a/b',
      'deleted /a',
    ]);
  });

  it('tells a recursive watch of the root of everything', () => {
    const { tables, one, ...on } = bench(release);
    tables.addPersistent('/', one, true);
    on.create('/a');
    on.change('/a');
    on.change('/');
    expect(one.take()).toEqual(['created /a', 'changed /a', 'changed /']);
  });

  it('tells each once, however it watches, and goes on above', () => {
    const { tables, one, two, ...on } = bench(release);
    tables.addPersistent('/', one, true);
    tables.addPersistent('/a', one, true);
    tables.addPersistent('/a', two, true);
    tables.addData('/a/b', one);
    tables.addChild('/a/b', one);
    on.delete('/a/b');
    expect(one.take()).toEqual(['deleted /a/b']);
    expect(two.take()).toEqual(['deleted /a/b']);
  });

  it('uses one-shot watches up that were not told', () => {
    const { tables, one, ...on } = bench(release);
    tables.addData('/a', one);
    tables.addChild('/a', one);
    on.delete('/a');
    on.create('/a/b');
    on.create('/a');
    expect(one.take()).toEqual(['deleted /a']);
    expect(tables.watchCount).toBe(0);
  });

  it('hands on whose ACL counts: the znode that the event names', () => {
    const { tables, one, ...on } = bench(release);
    tables.addPersistent('/', one, false);
    tables.addPersistent('/a', one, false);
    on.create('/a');
    on.change('/a');
    on.delete('/a');
    expect(one.heard).toEqual([
      'created /a',
      'children /',
      'changed /a',
      'deleted /a',
      'children /',
    ]);
    const { acl } = node;
    expect(one.acls).toEqual([acl, parentNode.acl, acl, acl, parentNode.acl]);
  });

  it('sends the zxid since 3.9 (ZOOKEEPER-4655)', () => {
    const { tables, one, ...on } = bench(release);
    tables.addPersistent('/', one, false);
    tables.addPersistent('/a', one, false);
    on.create('/a', 11n);
    on.change('/a', 12n);
    on.delete('/a', 13n);
    const sent = release === '3.8' ? [-1n, -1n, -1n, -1n, -1n] : [11n, 11n, 12n, 13n, 13n];
    expect(one.zxids).toEqual(sent);
  });

  it('forgets a connection, and only that', () => {
    const { tables, one, two, ...on } = bench(release);
    for (const listener of [one, two]) {
      tables.addData('/a', listener);
      tables.addChild('/a', listener);
      tables.addPersistent('/b', listener, false);
    }
    tables.addPersistent('/c', one, true);
    tables.removeWatcher(one);
    tables.removeWatcher(one);
    expect(tables.watchCountOf(one)).toBe(0);
    expect(tables.watchCountOf(two)).toBe(4);
    expect(tables.watchCount).toBe(4);
    on.change('/a');
    on.create('/a/b');
    on.change('/b');
    on.change('/c/d');
    expect(one.take()).toEqual([]);
    expect(two.take()).toEqual(['changed /a', 'children /a', 'changed /b']);
    tables.removeWatcher(two);
    expect(tables.summary).toEqual({ connections: 0, paths: 0, watches: 0 });
    expect(tables.watchCount).toBe(0);
  });

  it('stands a connection that goes while others are told', () => {
    const { tables, one, two, ...on } = bench(release);
    one.onNotify = () => tables.removeWatcher(two);
    tables.addData('/a', one);
    tables.addData('/a', two);
    tables.addChild('/a', two);
    on.delete('/a');
    expect(one.take()).toEqual(['deleted /a']);
    expect(tables.watchCount).toBe(0);
    on.create('/a/b');
    expect(tables.summary.paths).toBe(0);
  });

  it('does nothing where nobody watches', () => {
    const { tables, one, ...on } = bench(release);
    on.create('/a');
    on.delete('/a');
    expect(tables.contains('/a', one, ANY)).toBe(false);
    expect(tables.remove('/a', one, ANY)).toBe(false);
    expect(tables.summary).toEqual({ connections: 0, paths: 0, watches: 0 });
  });

  it('lists for wchc and wchp what the table for data has', () => {
    const { tables, one, two } = bench(release);
    tables.addData('/a', one);
    tables.addData('/a', two);
    tables.addChild('/b', two);
    tables.addPersistent('/c', two, false);
    expect(tables.summary).toEqual({ connections: 2, paths: 2, watches: 3 });
    expect(Array.from(tables.byPath())).toEqual([
      ['/a', [one, two]],
      ['/c', [two]],
    ]);
    const byWatcher = Array.from(tables.byWatcher(), ([who, paths]) => [who, [...paths]]);
    expect(byWatcher).toEqual([
      [one, ['/a']],
      [two, ['/a', '/c']],
    ]);
    expect(tables.watchCount).toBe(5);
  });

  it('goes on counting connections whose watches were used up', () => {
    const { tables, one, ...on } = bench(release);
    tables.addData('/a', one);
    on.change('/a');
    expect(tables.summary).toEqual({ connections: 1, paths: 0, watches: 0 });
    expect(Array.from(tables.byWatcher(), ([, paths]) => [...paths])).toEqual([[]]);
  });
});
