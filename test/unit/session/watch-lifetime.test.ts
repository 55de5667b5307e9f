import { beforeEach, describe, expect, it } from 'vitest';
import { EVENT_TYPE } from '../../../src/codec/index.ts';
import { ZkwireError } from '../../../src/errors.ts';
import type { WatchEvent, WatchKind, WatchListener } from '../../../src/session/watch-event.ts';
import { WATCH_KINDS } from '../../../src/session/watch-kinds.ts';
import { WatchRegistry } from '../../../src/session/watch-registry.ts';
import { WatchNotes } from './watch-notes.ts';

const { NodeCreated, NodeDeleted, NodeDataChanged, NodeChildrenChanged } = EVENT_TYPE;

let notes: WatchNotes;
let watches: WatchRegistry;

beforeEach(() => {
  notes = new WatchNotes();
  watches = new WatchRegistry('', notes.onError);
});

describe('gaps and ends', () => {
  it('resync tells lasting watches only, once a path and listener', () => {
    watches.resync();
    notes.addAll(watches, '/a');
    const both = notes.named('both');
    watches.add('persistent', '/b', both);
    watches.add('recursive', '/b', both);
    watches.add('data', '/c', () => {
      throw new Error('a one-shot watch has no gap');
    });
    watches.add('persistent', '/d', () => watches.add('persistent', '/late', notes.named('late')));
    watches.resync();
    expect(notes.heard).toEqual(['persistent:Resync /a', 'recursive:Resync /a', 'both:Resync /b']);
    expect(notes.errors).toEqual([]);
  });

  it('no Resync after the end, whoever ends it', () => {
    const second = notes.named('second');
    watches.add('persistent', '/a', () => watches.endListener('/b', second, 'removed', null));
    watches.add('persistent', '/b', second);
    watches.resync();
    expect(notes.heard).toEqual(['second:Resync /b', 'second:Ended(removed) /b']);
  });

  it('the end is told once and last, to every listener of every path', () => {
    const error = new ZkwireError('SESSION_EXPIRED', 'gone');
    const events: WatchEvent[] = [];
    const both: WatchListener = (event) => events.push(event);
    for (const kind of ['data', 'child', 'persistent'] as const) watches.add(kind, '/a', both);
    watches.add('recursive', '/b', both);
    watches.add('exist', '/c', notes.named('c'));
    watches.end('expired', error);
    expect(events).toEqual([
      { type: 'Ended', path: '/a', reason: 'expired', error },
      { type: 'Ended', path: '/b', reason: 'expired', error },
    ]);
    expect(notes.takeHeard()).toEqual(['c:Ended(expired) /c']);
    expect(watches.sizes).toEqual({
      data: 0,
      exist: 0,
      child: 0,
      persistent: 0,
      recursive: 0,
      paths: 0,
    });
    watches.end('closed', null);
    watches.resync();
    watches.dispatch(NodeDeleted, '/a', null);
    watches.dispatch(NodeDeleted, '/b/below', null);
    expect([events.length, notes.heard]).toEqual([2, []]);
  });

  it('what a listener adds when it hears the end stays', () => {
    watches.add('data', '/a', () => watches.add('data', '/a', notes.named('new')));
    watches.end('expired', null);
    watches.dispatch(NodeCreated, '/a', null);
    expect(notes.heard).toEqual(['new:NodeCreated /a']);
  });
});

describe('below a chroot', () => {
  it.each([
    ['/app', '/'],
    ['/app/a', '/a'],
    ['/app/zookeeper/config', '/zookeeper/config'],
    ['/zookeeper/config', '/zookeeper/config'],
  ])('%s on the server is %s here', (serverPath, path) => {
    watches = new WatchRegistry('/app', notes.onError);
    watches.add('persistent', serverPath, notes.named('p'));
    watches.dispatch(NodeDataChanged, serverPath, null);
    watches.resync();
    watches.end('closed', null);
    expect(notes.heard).toEqual([
      `p:NodeDataChanged ${path}`,
      `p:Resync ${path}`,
      `p:Ended(closed) ${path}`,
    ]);
  });

  it('/apple is not below /app', () => {
    watches = new WatchRegistry('/app', notes.onError);
    watches.add('recursive', '/app', notes.named('r'));
    for (const path of ['/apple', '/apple/a', '/ap', '/', '/app/le']) {
      watches.dispatch(NodeCreated, path, null);
    }
    expect(notes.heard).toEqual(['r:NodeCreated /le']);
    // Nobody can watch it from inside; if somebody did, its path would not be cut in half.
    watches.add('data', '/apple', notes.named('d'));
    watches.dispatch(NodeCreated, '/apple', null);
    expect(notes.heard.at(-1)).toBe('d:NodeCreated /apple');
  });

  it('the config node of a chroot that holds it is not cut either', () => {
    watches = new WatchRegistry('/zookeeper', notes.onError);
    watches.add('data', '/zookeeper/config', notes.named('c'));
    watches.dispatch(NodeDataChanged, '/zookeeper/config', null);
    expect(notes.heard).toEqual(['c:NodeDataChanged /zookeeper/config']);
  });
});

describe('setting watches again', () => {
  const kindsAt = (path: string): WatchKind[] =>
    WATCH_KINDS.filter((kind) => watches.setWatchesBatches().some((b) => b[kind].includes(path)));

  it('names server paths, each once by kind, and no fired or removed watch', () => {
    watches = new WatchRegistry('/app', notes.onError);
    for (const kind of WATCH_KINDS)
      if (kind !== 'recursive') watches.add(kind, '/app/a', notes.named(kind));
    watches.add('data', '/app/a', notes.named('another'));
    const removed = notes.named('removed');
    watches.add('exist', '/app/b', removed);
    watches.remove('exist', '/app/b', removed);
    watches.add('child', '/app/c', notes.named('c'));
    watches.dispatch(NodeChildrenChanged, '/app/c', null);
    watches.dispatch(NodeChildrenChanged, '/app/a', null);
    expect(watches.setWatchesBatches()).toEqual([
      {
        op: 105,
        data: ['/app/a'],
        exist: ['/app/a'],
        child: [],
        persistent: ['/app/a'],
        recursive: [],
      },
    ]);
  });

  it('a refused batch ends its watches, and only those', () => {
    const error = new ZkwireError('NOAUTH', 'no');
    const both = notes.named('both');
    watches.add('data', '/a', both);
    watches.add('recursive', '/a', both);
    watches.add('child', '/b', notes.named('b'));
    const [batch] = watches.setWatchesBatches();
    watches.add('data', '/c', notes.named('c'));
    watches.endBatch(batch!, error);
    expect(notes.heard).toEqual(['b:Ended(not-restored) /b', 'both:Ended(not-restored) /a']);
    expect(watches.sizes).toMatchObject({ data: 1, child: 0, recursive: 0, paths: 1 });
    expect(kindsAt('/c')).toEqual(['data']);
    watches.endBatch(batch!, error);
    expect(notes.heard).toHaveLength(2);
  });
});
