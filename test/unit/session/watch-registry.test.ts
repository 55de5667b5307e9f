import { beforeEach, describe, expect, it } from 'vitest';
import { EVENT_TYPE } from '../../../src/codec/index.ts';
import type { WatchEvent, WatchListener } from '../../../src/session/watch-event.ts';
import { WATCH_KINDS } from '../../../src/session/watch-kinds.ts';
import { WatchRegistry } from '../../../src/session/watch-registry.ts';
import { shown, WatchNotes } from './watch-notes.ts';

const { NodeCreated, NodeDeleted, NodeDataChanged, NodeChildrenChanged } = EVENT_TYPE;

let notes: WatchNotes;
let watches: WatchRegistry;

beforeEach(() => {
  notes = new WatchNotes();
  watches = new WatchRegistry('', notes.onError);
});

describe('what each event tells whom', () => {
  it.each([
    [NodeCreated, 'NodeCreated', ['data', 'exist', 'persistent', 'recursive'], ['child']],
    [NodeDataChanged, 'NodeDataChanged', ['data', 'exist', 'persistent', 'recursive'], ['child']],
    [NodeDeleted, 'NodeDeleted', WATCH_KINDS, []],
    [NodeChildrenChanged, 'NodeChildrenChanged', ['child', 'persistent'], ['data', 'exist']],
  ] as const)('event %i is %s', (type, name, told, oneShotsKept) => {
    notes.addAll(watches, '/a');
    watches.dispatch(type, '/a', 7n);
    expect(notes.takeHeard()).toEqual(told.map((kind) => `${kind}:${name} /a`));
    for (const kind of WATCH_KINDS) {
      const stays = kind === 'persistent' || kind === 'recursive';
      const expected = stays || (oneShotsKept as readonly string[]).includes(kind) ? 1 : 0;
      expect([kind, watches.count('/a', kind)]).toEqual([kind, expected]);
    }
  });

  it('a one-shot watch fires once, a lasting one every time', () => {
    watches.add('data', '/a', notes.named('once'));
    watches.add('persistent', '/a', notes.named('always'));
    for (let turn = 0; turn < 3; turn++) watches.dispatch(NodeDataChanged, '/a', null);
    expect(notes.heard).toEqual([
      'once:NodeDataChanged /a',
      'always:NodeDataChanged /a',
      'always:NodeDataChanged /a',
      'always:NodeDataChanged /a',
    ]);
    expect([watches.events, watches.ignored]).toEqual([3, 0]);
  });

  it('gives the zxid, and null for none', () => {
    const events: WatchEvent[] = [];
    watches.add('persistent', '/a', (event) => events.push(event));
    watches.dispatch(NodeDataChanged, '/a', 0x1_0000_0001n);
    watches.dispatch(NodeDeleted, '/a', null);
    expect(events).toEqual([
      { type: 'NodeDataChanged', path: '/a', zxid: 0x1_0000_0001n },
      { type: 'NodeDeleted', path: '/a', zxid: null },
    ]);
  });

  it('counts and ignores what it does not know or nobody watches', () => {
    notes.addAll(watches, '/a');
    watches.add('child', '/only-child', notes.named('child'));
    for (const type of [-1, 0, 5, 6, 7, 99, -2147483648]) watches.dispatch(type, '/a', null);
    watches.dispatch(NodeCreated, '/b', null);
    watches.dispatch(NodeCreated, '', null);
    watches.dispatch(NodeCreated, null, null);
    watches.dispatch(NodeCreated, '/only-child', null);
    expect(notes.heard).toEqual([]);
    expect([watches.events, watches.ignored]).toEqual([0, 11]);
    expect(watches.sizes.paths).toBe(2);
  });
});

describe('recursive watches', () => {
  it('hear of the whole subtree, but not of sets of children (ZOOKEEPER-4475)', () => {
    watches.add('recursive', '/a', notes.named('r'));
    for (const path of ['/a', '/a/b', '/a/b/c', '/ab', '/', '/b/a']) {
      watches.dispatch(NodeCreated, path, null);
      watches.dispatch(NodeChildrenChanged, path, null);
    }
    expect(notes.heard).toEqual(['r:NodeCreated /a', 'r:NodeCreated /a/b', 'r:NodeCreated /a/b/c']);
  });

  it('of the root hear everything, the root too', () => {
    watches.add('recursive', '/', notes.named('r'));
    for (const path of ['/', '/a', '/a/b']) watches.dispatch(NodeDataChanged, path, null);
    expect(notes.heard).toEqual([
      'r:NodeDataChanged /',
      'r:NodeDataChanged /a',
      'r:NodeDataChanged /a/b',
    ]);
  });

  it('come after those of the path itself, the nearest first', () => {
    watches.add('recursive', '/', notes.named('root'));
    watches.add('recursive', '/a', notes.named('a'));
    watches.add('recursive', '/a/b', notes.named('b'));
    watches.add('persistent', '/a/b/c', notes.named('c'));
    watches.add('persistent', '/a/b', notes.named('not recursive'));
    watches.dispatch(NodeDeleted, '/a/b/c', 1n);
    expect(notes.heard.map((line) => line.split(':')[0])).toEqual(['c', 'b', 'a', 'root']);
  });

  it('a server cannot make an event expensive with a deep path', () => {
    watches.add('recursive', '/a', notes.named('r'));
    const deep = '/a'.repeat(400_000);
    watches.dispatch(NodeDataChanged, deep, null);
    expect(notes.heard).toEqual([`r:NodeDataChanged ${deep}`]);
  });

  it('stand for a persistent one of the same path on servers that keep one mode (ZOOKEEPER-4466)', () => {
    for (const path of ['/', '/a']) {
      watches.add('persistent', path, notes.named(`p${path}`));
      watches.add('recursive', path, notes.named(`r${path}`));
      watches.add('child', path, notes.named(`child${path}`));
    }
    watches.add('persistent', '/a/only', notes.named('only'));
    watches.add('recursive', '/b/only', notes.named('as long'));
    watches.dispatch(NodeCreated, '/a/b', null);
    expect(notes.takeHeard()).toEqual([
      'r/a:NodeCreated /a/b',
      'r/:NodeCreated /a/b',
      'p/a:NodeChildrenChanged /a',
    ]);
    watches.dispatch(NodeDeleted, '/b', null);
    expect(notes.takeHeard()).toEqual(['r/:NodeDeleted /b', 'p/:NodeChildrenChanged /']);
    for (const quiet of ['/a/only/b', '/a/b/c']) watches.dispatch(NodeCreated, quiet, null);
    watches.dispatch(NodeDataChanged, '/a/b', null);
    watches.dispatch(NodeDeleted, '/', null);
    expect(notes.takeHeard().filter((line) => line.includes('ChildrenChanged'))).toEqual([]);
    // From 3.9 on there is a zxid, and the server tells the persistent one by itself.
    watches.dispatch(NodeCreated, '/a/d', 9n);
    watches.dispatch(NodeChildrenChanged, '/a', 9n);
    expect(notes.takeHeard()).toEqual([
      'r/a:NodeCreated /a/d',
      'r/:NodeCreated /a/d',
      'p/a:NodeChildrenChanged /a',
      'child/a:NodeChildrenChanged /a',
    ]);
  });

  it('standing for a persistent one, tell it once, though the server tells a child watch too', () => {
    watches.add('persistent', '/a', notes.named('p'));
    watches.add('recursive', '/a', notes.named('r'));
    watches.add('child', '/a', notes.named('c'));
    watches.dispatch(NodeDeleted, '/a/x', null);
    watches.dispatch(NodeChildrenChanged, '/a', null);
    expect(notes.takeHeard()).toEqual([
      'r:NodeDeleted /a/x',
      'p:NodeChildrenChanged /a',
      'c:NodeChildrenChanged /a',
    ]);
    // Only what comes next belongs to it.
    watches.dispatch(NodeCreated, '/a/x', null);
    watches.dispatch(NodeDataChanged, '/a', null);
    watches.dispatch(NodeChildrenChanged, '/a', null);
    watches.dispatch(NodeChildrenChanged, '/a', null);
    expect(notes.takeHeard().filter((event) => event.startsWith('p'))).toEqual([
      'p:NodeChildrenChanged /a',
      'p:NodeDataChanged /a',
      'p:NodeChildrenChanged /a',
      'p:NodeChildrenChanged /a',
    ]);
  });

  it('removed meanwhile, what the server tells next of the children is news again', () => {
    const recursive = notes.named('r');
    watches.add('persistent', '/a', notes.named('p'));
    watches.add('recursive', '/a', recursive);
    watches.dispatch(NodeCreated, '/a/x', null);
    watches.remove('recursive', '/a', recursive);
    notes.takeHeard();
    watches.dispatch(NodeChildrenChanged, '/a', null);
    expect(notes.takeHeard()).toEqual(['p:NodeChildrenChanged /a']);
  });

  it('removed, nothing is left of them', () => {
    const listener = notes.named('r');
    watches.add('recursive', '/a', listener);
    watches.add('recursive', '/b', notes.named('b'));
    expect(watches.remove('recursive', '/a', listener)).toBe(true);
    watches.dispatch(NodeCreated, '/a/x', null);
    watches.dispatch(NodeCreated, '/b/x', null);
    expect(notes.heard).toEqual(['b:NodeCreated /b/x']);
  });
});

describe('listeners', () => {
  it('registered several times hear an event once (ZOOKEEPER-137)', () => {
    const listener = notes.named('x');
    for (const kind of [...WATCH_KINDS, ...WATCH_KINDS]) watches.add(kind, '/a', listener);
    watches.add('recursive', '/', listener);
    expect(watches.sizes).toEqual({
      data: 1,
      exist: 1,
      child: 1,
      persistent: 1,
      recursive: 2,
      paths: 2,
    });
    watches.dispatch(NodeDeleted, '/a', null);
    expect(notes.takeHeard()).toEqual(['x:NodeDeleted /a']);
    expect(watches.sizes).toEqual({
      data: 0,
      exist: 0,
      child: 0,
      persistent: 1,
      recursive: 2,
      paths: 2,
    });
  });

  it('hear in the order of registration, however the first ones went', () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => notes.named(name)) as [
      WatchListener,
      WatchListener,
      WatchListener,
      WatchListener,
    ];
    for (const listener of [a, b, c]) watches.add('persistent', '/p', listener);
    watches.add('data', '/p', b);
    watches.remove('persistent', '/p', a);
    watches.add('persistent', '/p', d);
    watches.add('persistent', '/p', a);
    watches.dispatch(NodeDataChanged, '/p', null);
    expect(notes.takeHeard().map((line) => line[0])).toEqual(['b', 'c', 'd', 'a']);
    for (const listener of [b, c, d]) watches.remove('persistent', '/p', listener);
    watches.dispatch(NodeDataChanged, '/p', null);
    expect(notes.takeHeard()).toEqual(['a:NodeDataChanged /p']);
  });

  it('that throw or reject are reported and disturb nobody', async () => {
    const failure = new Error('mine');
    watches.add('data', '/a', notes.named('1'));
    watches.add('data', '/a', () => {
      throw failure;
    });
    watches.add('data', '/a', async () => {
      throw failure;
    });
    watches.add('data', '/a', notes.named('2'));
    watches.dispatch(NodeCreated, '/a', null);
    expect(notes.heard).toEqual(['1:NodeCreated /a', '2:NodeCreated /a']);
    expect(notes.errors).toEqual([[failure, 'watch /a']]);
    await new Promise(setImmediate);
    expect(notes.errors).toHaveLength(2);
  });

  it('survive an error handler that throws', async () => {
    const warnings: unknown[] = [];
    const onWarning = (warning: Error): void => {
      warnings.push(warning.message);
    };
    process.on('warning', onWarning);
    const hostile = new WatchRegistry('', () => {
      throw new Error('handler');
    });
    hostile.add('data', '/a', () => {
      throw new Error('listener');
    });
    hostile.dispatch(NodeCreated, '/a', null);
    hostile.add('data', '/a', notes.named('next'));
    hostile.dispatch(NodeCreated, '/a', null);
    await new Promise(setImmediate);
    process.off('warning', onWarning);
    expect(warnings).toEqual(['handler']);
    expect(notes.heard).toEqual(['next:NodeCreated /a']);
  });

  it('that add watches do not hear the event at hand', () => {
    watches.add('data', '/a', () => {
      notes.heard.push('first');
      watches.add('data', '/a', notes.named('again'));
      watches.add('recursive', '/', notes.named('above'));
    });
    watches.dispatch(NodeDataChanged, '/a', null);
    expect(notes.takeHeard()).toEqual(['first']);
    watches.dispatch(NodeDataChanged, '/a', null);
    expect(notes.takeHeard()).toEqual(['again:NodeDataChanged /a', 'above:NodeDataChanged /a']);
  });

  it('that remove watches change nothing for the event at hand', () => {
    const second = notes.named('second');
    watches.add('persistent', '/a', () => {
      watches.remove('persistent', '/a', second);
    });
    watches.add('persistent', '/a', second);
    watches.dispatch(NodeDataChanged, '/a', null);
    watches.dispatch(NodeDataChanged, '/a', null);
    expect(notes.heard).toEqual(['second:NodeDataChanged /a']);
  });

  it('that set off an event are all told the first before the second', () => {
    watches.add('persistent', '/a', (event) => {
      notes.heard.push(`1:${shown(event)}`);
      if (event.type !== 'NodeCreated') return;
      watches.dispatch(NodeDeleted, '/a', null);
      watches.end('closed', null);
    });
    watches.add('persistent', '/a', notes.named('2'));
    watches.dispatch(NodeCreated, '/a', null);
    expect(notes.heard).toEqual([
      '1:NodeCreated /a',
      '2:NodeCreated /a',
      '1:NodeDeleted /a',
      '2:NodeDeleted /a',
      '1:Ended(closed) /a',
      '2:Ended(closed) /a',
    ]);
  });

  it('alone on a path too: what they set off comes after', () => {
    watches.add('data', '/b', notes.named('b'));
    watches.add('persistent', '/a', (event) => {
      if (event.type === 'NodeCreated') watches.dispatch(NodeCreated, '/b', null);
      notes.heard.push(`a:${shown(event)}`);
    });
    watches.dispatch(NodeCreated, '/a', null);
    expect(notes.heard).toEqual(['a:NodeCreated /a', 'b:NodeCreated /b']);
  });

  it('ten thousand on one path', () => {
    const listeners = Array.from({ length: 10_000 }, (_, index) => notes.named(String(index)));
    for (const listener of listeners) watches.add('exist', '/herd', listener);
    expect(watches.count('/herd', 'exist')).toBe(10_000);
    watches.dispatch(NodeCreated, '/herd', null);
    expect(notes.heard).toHaveLength(10_000);
    expect(watches.sizes).toMatchObject({ exist: 0, paths: 0 });
  });
});

describe('removing', () => {
  it('takes one kind of one listener', () => {
    const listener = notes.named('x');
    watches.add('data', '/a', listener);
    watches.add('child', '/a', listener);
    watches.add('data', '/a', notes.named('y'));
    expect(watches.has('data', '/a', listener)).toBe(true);
    expect(watches.remove('data', '/a', listener)).toBe(true);
    expect(watches.has('data', '/a', listener)).toBe(false);
    expect(watches.remove('data', '/a', listener)).toBe(false);
    expect(watches.remove('exist', '/a', listener)).toBe(false);
    expect(watches.remove('data', '/nobody', listener)).toBe(false);
    watches.dispatch(NodeDataChanged, '/a', null);
    expect(notes.takeHeard()).toEqual(['y:NodeDataChanged /a']);
    expect(watches.count('/a', 'child')).toBe(1);
    expect(watches.count('/a', 'data', 'exist')).toBe(0);
    expect(watches.count('/nobody', 'data')).toBe(0);
  });

  it('with a last word for one listener', () => {
    const listener = notes.named('x');
    watches.add('persistent', '/a', listener);
    watches.add('data', '/a', listener);
    watches.add('data', '/a', notes.named('y'));
    expect(watches.endListener('/a', listener, 'removed', null)).toBe(true);
    expect(watches.endListener('/a', listener, 'removed', null)).toBe(false);
    expect(watches.endListener('/b', listener, 'removed', null)).toBe(false);
    watches.dispatch(NodeDataChanged, '/a', null);
    expect(notes.heard).toEqual(['x:Ended(removed) /a', 'y:NodeDataChanged /a']);
  });

  it('of kinds on a path: last word for those who have nothing left there', () => {
    const both = notes.named('both');
    watches.add('data', '/a', both);
    watches.add('child', '/a', both);
    watches.add('exist', '/a', notes.named('exist'));
    watches.add('persistent', '/a', notes.named('p'));
    expect(watches.endPath('/a', ['data', 'exist'], 'removed', null)).toBe(2);
    expect(notes.takeHeard()).toEqual(['exist:Ended(removed) /a']);
    expect(watches.endPath('/a', ['data', 'exist'], 'removed', null)).toBe(0);
    expect(watches.endPath('/b', ['data'], 'removed', null)).toBe(0);
    watches.dispatch(NodeDeleted, '/a', null);
    expect(notes.heard).toEqual(['both:NodeDeleted /a', 'p:NodeDeleted /a']);
  });
});
