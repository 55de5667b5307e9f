import { beforeEach, describe, expect, it } from 'vitest';
import { CHANGED, CHILDREN, CREATED, DELETED, told, turn, WatchScene } from './watch-scene.ts';

/** Several watches of one path: what goes to the server, and who hears what. See ZOOKEEPER-4466. */

let scene: WatchScene;

beforeEach(async () => {
  scene = await WatchScene.open();
});

const BAD_TYPE = -5;

describe('a one-shot watch beside a lasting one', () => {
  it.each([
    ['data', false, false],
    ['data', true, false],
    ['child', false, false],
    ['child', true, true],
  ] as const)('%s beside recursive %s: asked for %s', async (kind, recursive, flag) => {
    await scene.standing('/a', 'w', { recursive });
    expect(scene.read(kind, '/a', 'r')).toBe(flag);
    for (const path of ['/', '/a/b', '/ab']) expect(scene.read(kind, path, path)).toBe(true);
  });

  it('alone it is asked for, before and after', async () => {
    expect(scene.read('data', '/a', '1')).toBe(true);
    const watch = await scene.standing('/a', 'w');
    const closing = watch.close();
    expect(scene.read('data', '/a', '2')).toBe(true);
    await scene.answer();
    await closing;
    expect(scene.read('child', '/a', '3')).toBe(true);
  });

  it('it is served while the lasting one is still being asked for', async () => {
    const opening = scene.watch('/a', 'w');
    expect(scene.read('data', '/a', 'd')).toBe(false);
    await scene.answer();
    await opening;
    await scene.deliver(told(CHANGED, '/a'));
    expect(scene.heard()).toEqual(['d:NodeDataChanged /a', 'w:NodeDataChanged /a'].reverse());
  });

  it('an event is told both, and the lasting one goes on', async () => {
    await scene.standing('/a', 'w');
    scene.read('data', '/a', 'd');
    scene.read('child', '/a', 'c');
    await scene.answer();
    for (const type of [CHANGED, CHANGED, CHILDREN, DELETED]) {
      await scene.deliver(told(type, '/a'));
    }
    expect(scene.heard()).toEqual([
      'w:NodeDataChanged /a',
      'd:NodeDataChanged /a',
      'w:NodeDataChanged /a',
      'w:NodeChildrenChanged /a',
      'c:NodeChildrenChanged /a',
      'w:NodeDeleted /a',
    ]);
  });

  it('when the lasting one goes: what happened before their read is not told those who came since', async () => {
    const watch = await scene.standing('/a', 'w');
    scene.read('data', '/a', 'before');
    await scene.answer();
    const closing = watch.close();
    scene.read('data', '/a', 'since');
    await scene.answerNext(0x55n);
    await closing;
    // Set again for the first; the answer to the second one's read is older than that.
    await scene.answerNext(0x66n);
    await scene.deliver(told(CHANGED, '/a'));
    expect(scene.heard()).toEqual(['w:Ended(removed) /a', 'before:NodeDataChanged /a']);
    await scene.deliver(told(CHANGED, '/a', 0x77n));
    expect(scene.heard()).toEqual(['since:NodeDataChanged /a']);
    await scene.answer();
    expect(scene.session.watches.sizes.paths).toBe(0);
  });

  it.each([
    ['from 3.9 on', [0]],
    ['before 3.9', [BAD_TYPE, 0]],
  ] as const)('when the lasting one goes it is set in its place, %s', async (_, errors) => {
    const watch = await scene.standing('/a', 'w');
    scene.read('data', '/a', 'd');
    scene.read('data', '/a', 'e', 'exist');
    scene.read('child', '/a', 'c');
    scene.read('child', '/b', 'elsewhere');
    await scene.answer();
    scene.sent();
    const closing = watch.close();
    for (const err of errors) await scene.answerNext(0x55n, err);
    await closing;
    // Missed since the removal: what came before it was told by the lasting watch.
    expect(scene.sent().at(-1)).toBe('setWatches 85 data:/a exist:/a child:/a');
    await scene.deliver(told(CHANGED, '/a'), told(CHILDREN, '/a'));
    expect(scene.heard()).toEqual([
      'w:Ended(removed) /a',
      'd:NodeDataChanged /a',
      'e:NodeDataChanged /a',
      'c:NodeChildrenChanged /a',
    ]);
  });

  it('what replies behind the removal tell does not hide a change from it', async () => {
    const watch = await scene.standing('/a', 'w');
    scene.read('data', '/a', 'd');
    await scene.answer();
    const closing = watch.close();
    scene.read('data', '/b', 'b');
    await turn();
    await scene.deliver(scene.takeAnswer(0, 0x10n), scene.takeAnswer(0, 0x20n));
    await closing;
    expect(scene.sent().at(-1)).toBe('setWatches 16 data:/a');
  });

  it('fired before the answer: there is nothing to set', async () => {
    const watch = await scene.standing('/a', 'w');
    scene.read('data', '/a', 'd');
    await scene.answer();
    const closing = watch.close();
    await turn();
    await scene.deliver(told(CHANGED, '/a'), scene.takeAnswer());
    await closing;
    expect(scene.heard()).toEqual(['w:Ended(removed) /a', 'd:NodeDataChanged /a']);
    expect(scene.sent().at(-1)).toBe('removeWatches /a 4');
  });

  it('asked for under one lasting watch, answered under another: set again', async () => {
    const first = await scene.standing('/a', '1');
    scene.read('data', '/a', 'd');
    const closing = first.close();
    const opening = scene.watch('/a', '2');
    await scene.answer();
    await Promise.all([closing, opening]);
    const again = 'setWatches2 1 data:/a persistent:/a';
    // Once for the read, that what served it is not certain any more; once for the removal.
    expect(scene.sent()).toEqual(['op 3', 'removeWatches /a 4', 'addWatch /a 0', again, again]);
  });

  it('served, but lost together with what served it: asked for in its answer', async () => {
    const watch = await scene.standing('/a', 'w');
    await scene.lose();
    expect(scene.read('data', '/a', 'd')).toBe(false);
    await watch.close();
    await scene.reconnect();
    expect(scene.sent()).toEqual(['op 3']);
    await scene.answerNext(0x30n);
    expect(scene.sent()).toEqual(['setWatches 48 data:/a']);
  });

  it('served by one that the server then refuses: asked for in its answer', async () => {
    const opening = scene.watch('/a', 'w');
    const refused = expect(opening).rejects.toMatchObject({ code: 'UNIMPLEMENTED' });
    scene.read('data', '/a', 'd');
    await scene.answer(-6);
    await refused;
    await turn();
    expect(scene.sent()).toEqual(['addWatch /a 0', 'op 3', 'setWatches 1 data:/a']);
  });

  it('not set again while there is no connection: the next one does that', async () => {
    const watch = await scene.standing('/a', 'w');
    scene.read('data', '/a', 'd');
    await scene.answer();
    const closing = watch.close();
    await turn();
    await scene.lose();
    await closing;
    await scene.reconnect();
    expect(scene.sent()).toEqual(['setWatches 1 data:/a']);
  });

  it('too long to be set again with the others of its path, it ends', async () => {
    scene = await WatchScene.open({ frameBytesMax: 256 });
    const path = `/${'x'.repeat(150)}`;
    const watch = await scene.standing(path, 'w');
    scene.read('data', path, 'd');
    scene.read('child', path, 'c');
    await scene.answer();
    const closing = watch.close();
    await scene.answer();
    await closing;
    const ended = (name: string, reason: string): string => `${name}:Ended(${reason}) ${path}`;
    expect(scene.heard()).toEqual([
      ended('w', 'removed'),
      ended('d', 'not-restored'),
      ended('c', 'not-restored'),
    ]);
  });

  it('refused when it is set again, it ends', async () => {
    const watch = await scene.standing('/a', 'w');
    scene.read('data', '/a', 'd');
    await scene.answer();
    const closing = watch.close();
    await scene.answer();
    await closing;
    await scene.answer(-102);
    expect(scene.heard()).toEqual(['w:Ended(removed) /a', 'd:Ended(not-restored) /a']);
  });
});

describe('a recursive watch that comes', () => {
  it('takes the place of child watches on servers before 3.9: they are set again behind it', async () => {
    scene.read('child', '/a', 'c');
    scene.read('data', '/a', 'd');
    await scene.answer();
    scene.sent();
    const opening = scene.watch('/a', 'w', { recursive: true });
    await scene.answerNext(0x40n);
    await opening;
    expect(scene.sent()).toEqual(['addWatch /a 1', 'setWatches 64 child:/a']);
  });

  it('a persistent one disturbs nobody', async () => {
    scene.read('child', '/a', 'c');
    await scene.standing('/a', 'w');
    await turn();
    expect(scene.sent()).toEqual([]);
  });

  it('set again for the sake of another watch, it spares child watches that are under way', async () => {
    const first = await scene.standing('/a', 'r1', { recursive: true });
    await scene.lose();
    expect(scene.read('data', '/a', 'd')).toBe(false);
    await first.close();
    const opening = scene.watch('/a', 'r2', { recursive: true });
    expect(scene.read('child', '/a', 'c')).toBe(true);
    await scene.reconnect();
    await scene.answer();
    await opening;
    const again = 'setWatches2 1 data:/a persistentRecursive:/a';
    expect(scene.sent()).toEqual(['op 3', 'addWatch /a 1', 'op 3', again]);
    await scene.answer();
    expect(scene.sent()).toEqual(['setWatches 1 child:/a']);
  });

  it('a child watch that was served by a persistent one is asked for', async () => {
    await scene.standing('/a', 'p');
    scene.read('child', '/a', 'c');
    const opening = scene.watch('/a', 'r', { recursive: true });
    await scene.answer();
    await opening;
    await turn();
    expect(scene.sent().slice(-1)).toEqual(['setWatches 1 child:/a']);
  });
});

describe('a persistent and a recursive watch of one path', () => {
  const BOTH = 'setWatches2 1 persistent:/a persistentRecursive:/a';

  it.each([false, true])('are set in one request (recursive second: %s)', async (recursive) => {
    await scene.standing('/a', '1', { recursive: !recursive });
    const opening = scene.watch('/a', '2', { recursive });
    await turn();
    expect(scene.sent()).toEqual([BOTH]);
    await scene.answer();
    await opening;
    expect(scene.session.watches.sizes).toMatchObject({ persistent: 1, recursive: 1, paths: 1 });
  });

  it('both hear of children, whatever the server keeps', async () => {
    await scene.standing('/a', 'r', { recursive: true });
    await scene.standing('/a', 'p');
    await scene.deliver(told(CREATED, '/a/b'), told(CHANGED, '/a'));
    const onOld = [
      'r:NodeCreated /a/b',
      'p:NodeChildrenChanged /a',
      'r:NodeDataChanged /a',
      'p:NodeDataChanged /a',
    ];
    expect(scene.heard()).toEqual(onOld);
    await scene.deliver(
      told(CREATED, '/a/b', 7n),
      told(CHILDREN, '/a', 7n),
      told(CHANGED, '/a', 8n),
    );
    expect(scene.heard()).toEqual(onOld);
  });

  it('child watches are set again behind both', async () => {
    await scene.standing('/a', 'r', { recursive: true });
    scene.read('child', '/a', 'c');
    const opening = scene.watch('/a', 'p');
    await scene.answer();
    await opening;
    expect(scene.sent()).toEqual(['op 3', BOTH, 'setWatches 1 child:/a']);
  });

  it('the recursive one goes while another comes: children are told of all the time', async () => {
    await scene.standing('/a', 'p');
    const first = await scene.standing('/a', 'r1', { recursive: true });
    const opening = scene.watch('/a', 'r2', { recursive: true });
    await first.close();
    await turn();
    await scene.deliver(told(CREATED, '/a/b'), scene.takeAnswer(), told(DELETED, '/a/b'));
    await opening;
    expect(scene.heard()).toEqual([
      'r1:Ended(removed) /a',
      'p:NodeChildrenChanged /a',
      'r2:NodeDeleted /a/b',
      'p:NodeChildrenChanged /a',
    ]);
    expect(scene.sent()).toEqual([BOTH]);
    expect(scene.session.watches.sizes).toMatchObject({ persistent: 1, recursive: 1 });
  });

  it('the recursive one goes while another comes that nobody waits for in the end', async () => {
    await scene.standing('/a', 'p');
    const first = await scene.standing('/a', 'r1', { recursive: true });
    const ending = new AbortController();
    const opening = scene.watch('/a', 'r2', { recursive: true, signal: ending.signal });
    const aborted = expect(opening).rejects.toMatchObject({ code: 'ABORTED' });
    await first.close();
    await turn();
    ending.abort();
    await aborted;
    await turn();
    expect(scene.sent()).toEqual([BOTH, 'addWatch /a 0', 'removeWatches /a 5']);
    await scene.deliver(told(CREATED, '/a/b'));
    expect(scene.heard()).toEqual(['r1:Ended(removed) /a', 'p:NodeChildrenChanged /a']);
    await scene.answer();
    expect(scene.session.watches.sizes).toMatchObject({ persistent: 1, recursive: 0 });
  });

  it('the recursive one is removed while a persistent one comes: that hears of children, and its mode takes its place', async () => {
    const opening = [scene.watch('/a', 'r', { recursive: true })];
    const removing = scene.watches.remove('/a', 'any', undefined);
    opening.push(scene.watch('/a', 'p'));
    await turn();
    const both = 'setWatches2 0 persistent:/a persistentRecursive:/a';
    expect(scene.sent()).toEqual(['addWatch /a 1', 'removeWatches /a 3', both]);
    const answers = [scene.takeAnswer(), scene.takeAnswer(), scene.takeAnswer()];
    await scene.deliver(...answers, told(CREATED, '/a/b'));
    expect(scene.heard()).toEqual(['r:Ended(removed) /a', 'p:NodeChildrenChanged /a']);
    expect(scene.sent()).toEqual(['addWatch /a 0', 'removeWatches /a 5']);
    await scene.answer();
    await Promise.all([removing, ...opening]);
    expect(scene.session.watches.sizes).toMatchObject({ persistent: 1, recursive: 0 });
  });

  it('the recursive one goes while a persistent one comes: child watches end up served by that', async () => {
    const r = await scene.standing('/a', 'r', { recursive: true });
    scene.read('child', '/a', 'c');
    await scene.answer();
    scene.sent();
    const opening = scene.watch('/a', 'p');
    const closing = r.close();
    await turn();
    await scene.deliver(scene.takeAnswer());
    // Not the recursive mode, which would come behind the persistent one; not the child watch alone, which would end that one.
    await turn();
    expect(scene.sent()).toEqual([
      BOTH,
      'addWatch /a 0',
      'removeWatches /a 5',
      'setWatches2 1 child:/a persistent:/a',
    ]);
    await scene.answer();
    await Promise.all([opening, closing]);
  });

  it('the persistent one goes: its mode is removed, where the server can', async () => {
    await scene.standing('/a', 'r', { recursive: true });
    const watch = await scene.standing('/a', 'p');
    const closing = watch.close();
    await scene.answer(BAD_TYPE);
    await closing;
    expect(scene.sent()).toEqual(['removeWatches /a 4']);
    // From now on that is known to be of no use.
    const again = await scene.standing('/a', 'p');
    await again.close();
    await turn();
    expect(scene.sent()).toEqual([]);
    await scene.deliver(told(CREATED, '/a/b'));
    expect(scene.heard().at(-1)).toBe('r:NodeCreated /a/b');
  });

  it('the recursive one goes: the persistent mode takes its place before, and misses nothing', async () => {
    await scene.standing('/a', 'p');
    const watch = await scene.standing('/a', 'r', { recursive: true });
    const closing = watch.close();
    await turn();
    expect(scene.sent()).toEqual(['addWatch /a 0', 'removeWatches /a 5']);
    await scene.deliver(told(CREATED, '/a/b'));
    expect(scene.heard()).toEqual(['r:Ended(removed) /a', 'p:NodeChildrenChanged /a']);
    await scene.deliver(scene.takeAnswer(), told(CHILDREN, '/a'), scene.takeAnswer(BAD_TYPE));
    await closing;
    expect(scene.heard()).toEqual(['p:NodeChildrenChanged /a']);
    expect(scene.session.watches.sizes).toMatchObject({ persistent: 1, recursive: 0 });
    // Known to be an old server by now.
    const second = await scene.standing('/a', 'r2', { recursive: true });
    await second.close();
    await scene.answer();
    expect(scene.sent()).toEqual(['addWatch /a 0']);
  });

  it('the recursive one goes and the connection with it: nothing of it comes back', async () => {
    await scene.standing('/a', 'p');
    const watch = await scene.standing('/a', 'r', { recursive: true });
    const closing = watch.close();
    await turn();
    await scene.lose();
    await closing;
    await scene.reconnect();
    expect(scene.sent()).toEqual(['setWatches2 1 persistent:/a']);
    expect(scene.session.watches.sizes).toMatchObject({ persistent: 1, recursive: 0 });
  });

  it('the recursive one goes and comes: still both', async () => {
    await scene.standing('/a', 'p');
    const watch = await scene.standing('/a', 'r', { recursive: true });
    const closing = watch.close();
    const opening = scene.watch('/a', 'r2', { recursive: true });
    await scene.answer();
    await Promise.all([closing, opening]);
    expect(scene.sent()).toEqual(['addWatch /a 0', 'removeWatches /a 5', BOTH]);
    await scene.deliver(told(CREATED, '/a/b'));
    expect(scene.heard()).toEqual([
      'r:Ended(removed) /a',
      'r2:NodeCreated /a/b',
      'p:NodeChildrenChanged /a',
    ]);
  });

  it('both go', async () => {
    const p = await scene.standing('/a', 'p');
    const r = await scene.standing('/a', 'r', { recursive: true });
    const closing = [r.close(), p.close()];
    await scene.answer();
    await scene.answer();
    await Promise.all(closing);
    expect(scene.sent()).toEqual(['addWatch /a 0', 'removeWatches /a 5', 'removeWatches /a 4']);
    expect(scene.session.watches.sizes.paths).toBe(0);
  });
});
