import { beforeEach, describe, expect, it } from 'vitest';
import { BAD_TYPE, CHANGED, CHILDREN, DELETED, told, turn, WatchScene } from './watch-scene.ts';

/** One-shot watches that a lasting one of their path serves: what goes to the server, and who hears what. See ZOOKEEPER-4466. */

let scene: WatchScene;

beforeEach(async () => {
  scene = await WatchScene.open();
});

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
