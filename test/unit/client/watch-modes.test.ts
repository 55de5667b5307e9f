import { beforeEach, describe, expect, it } from 'vitest';
import {
  BAD_TYPE,
  CHANGED,
  CHILDREN,
  CREATED,
  DELETED,
  told,
  turn,
  WatchScene,
} from './watch-scene.ts';

/** Lasting watches that meet on a path: what goes to the server, and who hears what. See ZOOKEEPER-4466. */

let scene: WatchScene;

beforeEach(async () => {
  scene = await WatchScene.open();
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
