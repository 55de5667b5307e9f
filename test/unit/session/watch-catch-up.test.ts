import { beforeEach, describe, expect, it } from 'vitest';
import { EVENT_TYPE } from '../../../src/codec/index.ts';
import type { WatchEvent, WatchListener } from '../../../src/session/watch-event.ts';
import { WatchRegistry } from '../../../src/session/watch-registry.ts';

/** A setWatches in the middle of a connection: its events are for the one-shot watches that it set. */

const { NodeCreated, NodeDeleted, NodeDataChanged, NodeChildrenChanged } = EVENT_TYPE;

let heard: string[];
let watches: WatchRegistry;

beforeEach(() => {
  heard = [];
  watches = new WatchRegistry('', (error) => expect.unreachable(String(error)));
  watches.setWatchesBatches();
});

const named =
  (name: string): WatchListener =>
  (event: WatchEvent) => {
    heard.push(`${name}:${event.type}`);
  };

const takeHeard = (): string[] => heard.splice(0);

describe('on a server of 3.9', () => {
  beforeEach(() => watches.tellsZxids());

  it.each([
    ['data', NodeDataChanged, 'NodeDataChanged'],
    ['data', NodeDeleted, 'NodeDeleted'],
    ['exist', NodeCreated, 'NodeCreated'],
    ['child', NodeChildrenChanged, 'NodeChildrenChanged'],
  ] as const)('a %s watch that stands since hears nothing of event %i', (kind, type, name) => {
    watches.add(kind, '/a', named('before'));
    const over = watches.catchUp('/a');
    watches.add(kind, '/a', named('since'));
    watches.dispatch(type, '/a', null);
    expect(takeHeard()).toEqual([`before:${name}`]);
    watches.dispatch(type, '/a', 9n);
    expect(takeHeard()).toEqual([`since:${name}`]);
    over();
    expect(watches.sizes.paths).toBe(0);
  });

  it('nor does a lasting one, at the path or above it: it heard when it happened', () => {
    watches.add('data', '/a', named('data'));
    watches.add('persistent', '/a', named('p'));
    watches.add('recursive', '/a', named('r'));
    watches.add('recursive', '/', named('above'));
    const over = watches.catchUp('/a');
    watches.dispatch(NodeDataChanged, '/a', null);
    expect(takeHeard()).toEqual(['data:NodeDataChanged']);
    watches.dispatch(NodeDataChanged, '/a', null);
    expect([takeHeard(), watches.ignored]).toEqual([[], 1]);
    watches.dispatch(NodeDataChanged, '/a', 9n);
    expect(takeHeard()).toEqual([
      'p:NodeDataChanged',
      'r:NodeDataChanged',
      'above:NodeDataChanged',
    ]);
    over();
  });

  it('nor one of the parent, which heard of its children then', () => {
    watches.add('data', '/a/x', named('data'));
    watches.add('persistent', '/a', named('p'));
    watches.add('recursive', '/a', named('r'));
    const over = watches.catchUp('/a/x');
    watches.dispatch(NodeDeleted, '/a/x', null);
    expect(takeHeard()).toEqual(['data:NodeDeleted']);
    over();
  });

  it('a listener that has fired and stands again is one that stands since', () => {
    const listener = named('again');
    watches.add('data', '/a', listener);
    watches.add('child', '/a', listener);
    const over = watches.catchUp('/a');
    watches.dispatch(NodeDataChanged, '/a', 8n);
    watches.add('data', '/a', listener);
    takeHeard();
    watches.dispatch(NodeDataChanged, '/a', null);
    expect(takeHeard()).toEqual([]);
    watches.dispatch(NodeChildrenChanged, '/a', null);
    expect(takeHeard()).toEqual(['again:NodeChildrenChanged']);
    expect(watches.sizes).toMatchObject({ data: 1, child: 0 });
    over();
  });

  it('a listener that stood already, and reads once more, is owed it still', () => {
    const listener = named('twice');
    watches.add('data', '/a', listener);
    const over = watches.catchUp('/a');
    watches.add('data', '/a', listener);
    watches.dispatch(NodeDataChanged, '/a', null);
    expect(takeHeard()).toEqual(['twice:NodeDataChanged']);
    over();
  });

  it('other paths, and everything after the answer, are told as ever', () => {
    const over = watches.catchUp('/a');
    watches.add('data', '/b', named('b'));
    watches.dispatch(NodeDataChanged, '/b', null);
    const second = watches.catchUp('/a');
    over();
    over();
    watches.add('data', '/a', named('a'));
    watches.dispatch(NodeDataChanged, '/a', null);
    expect(takeHeard()).toEqual(['b:NodeDataChanged']);
    second();
    watches.dispatch(NodeDataChanged, '/a', null);
    expect(takeHeard()).toEqual(['a:NodeDataChanged']);
  });

  it('of two for one path, the older one is told first', () => {
    watches.add('data', '/a', named('first'));
    const one = watches.catchUp('/a');
    watches.dispatch(NodeDataChanged, '/a', 8n);
    watches.add('data', '/a', named('second'));
    const two = watches.catchUp('/a');
    watches.dispatch(NodeDataChanged, '/a', null);
    expect(takeHeard()).toEqual(['first:NodeDataChanged']);
    one();
    watches.dispatch(NodeDataChanged, '/a', null);
    expect(takeHeard()).toEqual(['second:NodeDataChanged']);
    two();
  });

  it('it shows by the zxid of an event, and the next connection may lead to an older one', () => {
    watches.setWatchesBatches();
    watches.add('data', '/b', named('b'));
    watches.dispatch(NodeDataChanged, '/b', 5n);
    const over = watches.catchUp('/a');
    watches.add('data', '/a', named('a'));
    watches.dispatch(NodeDataChanged, '/a', null);
    expect(takeHeard()).toEqual(['b:NodeDataChanged']);
    watches.setWatchesBatches();
    watches.dispatch(NodeDataChanged, '/a', null);
    expect(takeHeard()).toEqual(['a:NodeDataChanged']);
    over();
  });
});

describe('on a server that may be older, where a change that happens looks the same', () => {
  it('who stands since hears what can happen to it', () => {
    const over = watches.catchUp('/a');
    for (const kind of ['data', 'exist', 'child', 'persistent'] as const) {
      watches.add(kind, '/a', named(kind));
    }
    watches.dispatch(NodeCreated, '/a', null);
    expect(takeHeard()).toEqual(['exist:NodeCreated', 'persistent:NodeCreated']);
    watches.add('exist', '/a', named('exist'));
    watches.dispatch(NodeDataChanged, '/a', null);
    expect(takeHeard()).toEqual(['data:NodeDataChanged', 'persistent:NodeDataChanged']);
    watches.dispatch(NodeDeleted, '/a', null);
    expect(takeHeard()).toEqual(['child:NodeDeleted', 'persistent:NodeDeleted']);
    expect(watches.sizes).toMatchObject({ data: 0, exist: 1, child: 0, persistent: 1 });
    over();
  });

  it('who stood before hears all that it ever heard', () => {
    watches.add('data', '/a', named('data'));
    watches.add('exist', '/a', named('exist'));
    const over = watches.catchUp('/a');
    watches.dispatch(NodeCreated, '/a', null);
    expect(takeHeard()).toEqual(['data:NodeCreated', 'exist:NodeCreated']);
    over();
  });
});
