import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { WatchQueue } from '../../../src/client/watch-queue.ts';
import { BAD_TYPE, CHANGED, CREATED, inWords, told, turn, WatchScene } from './watch-scene.ts';

let scene: WatchScene;

beforeEach(async () => {
  scene = await WatchScene.open();
});

const NO_WATCHER = -121;

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  await turn();
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

describe('close()', () => {
  it.each([
    [false, 'removeWatches /a 4'],
    [true, 'removeWatches /a 5'],
  ] as const)('recursive %s: the last word at once, then %s', async (recursive, request) => {
    const watch = await scene.standing('/a', 'w', { recursive });
    const closing = watch.close();
    expect([watch.ended, scene.heard()]).toEqual([true, ['w:Ended(removed) /a']]);
    await scene.deliver(told(CHANGED, '/a'));
    expect(await isSettled(closing)).toBe(false);
    expect(scene.sent()).toEqual([request]);
    await scene.answer();
    await closing;
    await scene.deliver(told(CHANGED, '/a'));
    expect(scene.heard()).toEqual([]);
    expect(watch.close()).toBe(closing);
  });

  it('servers before 3.9 refuse modes: then, and from then on, Any', async () => {
    const [a, b] = [await scene.standing('/a', 'a'), await scene.standing('/b', 'b')];
    const closing = a.close();
    await scene.answer(BAD_TYPE);
    expect(scene.sent()).toEqual(['removeWatches /a 4', 'removeWatches /a 3']);
    expect(await isSettled(closing)).toBe(false);
    await scene.answer();
    await closing;
    const second = b.close();
    await scene.answer();
    await second;
    expect(scene.sent()).toEqual(['removeWatches /b 3']);
  });

  it('the next connection may be to a newer server', async () => {
    for (const path of ['/a', '/b']) await scene.standing(path, path);
    const removing = scene.watches.remove('/a', 'persistent', undefined);
    await scene.answer(BAD_TYPE);
    await scene.answer();
    await removing;
    await scene.lose();
    await scene.reconnect();
    scene.sent();
    const closing = scene.watches.remove('/b', 'persistent', undefined);
    await scene.answer(0, 0);
    await closing;
    expect(scene.sent()).toEqual(['removeWatches /b 4']);
  });

  it('a server that refuses Any too is not asked for ever', async () => {
    const watch = await scene.standing('/a', 'w');
    const closing = watch.close();
    for (let turns = 0; turns < 3; turns++) await scene.answer(BAD_TYPE);
    await closing;
    expect(scene.sent()).toHaveLength(2);
  });

  it.each([NO_WATCHER, 0])('answered %i: done', async (err) => {
    const watch = await scene.standing('/a', 'w');
    const closing = watch.close();
    await scene.answer(err);
    await expect(closing).resolves.toBeUndefined();
  });

  it('another refusal is told, and nothing comes all the same', async () => {
    const watch = await scene.standing('/a', 'w');
    const closing = watch.close();
    const refused = expect(closing).rejects.toMatchObject({ code: 'THROTTLEDOP', path: '/a' });
    await scene.answer(-127);
    await refused;
    await scene.deliver(told(CHANGED, '/a'));
    expect(scene.heard()).toEqual(['w:Ended(removed) /a']);
  });

  it('of one of several on a path asks the server nothing; the last one does', async () => {
    const first = await scene.standing('/a', '1');
    const second = await scene.standing('/a', '2');
    await first.close();
    await turn();
    expect(scene.sent()).toEqual([]);
    await scene.deliver(told(CHANGED, '/a'));
    expect(scene.heard()).toEqual(['1:Ended(removed) /a', '2:NodeDataChanged /a']);
    const closing = second.close();
    await scene.answer();
    await closing;
    expect(scene.sent()).toEqual(['removeWatches /a 4']);
  });

  it('while another is being opened leaves it in peace', async () => {
    const first = await scene.standing('/a', '1');
    const opening = scene.watch('/a', '2');
    await first.close();
    await scene.answer();
    const second = await opening;
    expect(scene.sent()).toEqual(['addWatch /a 0']);
    await scene.deliver(told(CHANGED, '/a'));
    expect(scene.heard()).toEqual(['1:Ended(removed) /a', '2:NodeDataChanged /a']);
    expect(second.ended).toBe(false);
  });

  it('and open again at once: in the order of the calls', async () => {
    const first = await scene.standing('/a', '1');
    const closing = first.close();
    const opening = scene.watch('/a', '2');
    await scene.answer();
    await Promise.all([closing, opening]);
    expect(scene.sent()).toEqual(['removeWatches /a 4', 'addWatch /a 0']);
    await scene.deliver(told(CHANGED, '/a'));
    expect(scene.heard()).toEqual(['1:Ended(removed) /a', '2:NodeDataChanged /a']);
  });

  it('and open again at once, on a server before 3.9: what stands there serves the new one', async () => {
    const first = await scene.standing('/a', '1');
    const closing = first.close();
    const opening = scene.watch('/a', '2');
    await scene.answer(BAD_TYPE, 0);
    await Promise.all([closing, opening]);
    expect(scene.sent()).toEqual(['removeWatches /a 4', 'addWatch /a 0']);
  });

  it('waits for room among the requests', async () => {
    scene = await WatchScene.open({ inflightMax: 2 });
    const watch = await scene.standing('/a', 'w');
    for (const path of ['/1', '/2']) scene.read('data', path, path);
    const closing = watch.close();
    await turn();
    expect(scene.sent()).toEqual(['op 3', 'op 3']);
    await scene.answer();
    await scene.answer();
    await closing;
    expect(scene.sent()).toEqual(['removeWatches /a 4']);
  });

  it('that waits for room sends nothing when the path is watched again by then', async () => {
    scene = await WatchScene.open({ inflightMax: 2 });
    const watch = await scene.standing('/a', '1');
    for (const path of ['/1', '/2']) scene.read('data', path, path);
    const closing = watch.close();
    await turn();
    const delivering = scene.deliver(scene.takeAnswer(), scene.takeAnswer());
    const opening = scene.watch('/a', '2');
    await delivering;
    await scene.answer();
    await Promise.all([closing, opening]);
    expect(scene.sent().slice(2)).toEqual(['addWatch /a 0']);
  });
});

describe('close() and lost connections', () => {
  it('while disconnected just forgets', async () => {
    const watch = await scene.standing('/a', 'w');
    await scene.lose();
    await watch.close();
    await scene.reconnect();
    expect(scene.sent()).toEqual([]);
    expect(scene.heard()).toEqual(['w:Ended(removed) /a']);
  });

  it('lost before the answer: it is over, and does not come back', async () => {
    const watch = await scene.standing('/a', 'w');
    const other = await scene.standing('/b', 'other');
    const closing = watch.close();
    await turn();
    await scene.lose();
    await expect(closing).resolves.toBeUndefined();
    await scene.reconnect();
    expect(scene.sent()).toEqual(['setWatches2 1 persistent:/b']);
    expect([scene.heard(), other.ended]).toEqual([
      ['w:Ended(removed) /a', 'other:Resync(reconnect) /b'],
      false,
    ]);
  });

  it('lost while it waits for room', async () => {
    scene = await WatchScene.open({ inflightMax: 1 });
    const watch = await scene.standing('/a', 'w');
    scene.read('data', '/1', '1');
    const closing = watch.close();
    await turn();
    await scene.lose();
    await expect(closing).resolves.toBeUndefined();
  });

  it('after the session has expired there is nothing to ask', async () => {
    const watch = await scene.standing('/a', 'w');
    await scene.lose();
    await scene.expire();
    expect([watch.ended, scene.heard()]).toEqual([true, ['w:Ended(expired) /a']]);
    await watch.close();
    await scene.reconnect();
    expect(scene.sent()).toEqual([]);
    await scene.standing('/a', 'new');
    await scene.deliver(told(CREATED, '/a'));
    expect(scene.heard()).toEqual(['new:NodeCreated /a']);
  });

  it.each([false, true])('while the session closes: resolves (recursive %s)', async (recursive) => {
    await scene.standing('/a', 'other', { recursive: !recursive });
    const watch = await scene.standing('/a', 'w', { recursive });
    const closing = scene.session.close();
    await turn();
    scene.sent();
    await expect(watch.close()).resolves.toBeUndefined();
    await turn();
    expect(scene.sent()).toEqual([]);
    await scene.lose();
    await closing;
    expect(scene.heard()).toEqual(['w:Ended(removed) /a', 'other:Ended(closed) /a']);
  });

  it('while it waits for room and the session closes: resolves', async () => {
    scene = await WatchScene.open({ inflightMax: 1 });
    const watch = await scene.standing('/a', 'w');
    scene.read('data', '/1', '1');
    const closing = watch.close();
    const ending = scene.session.close();
    await scene.answer();
    await expect(closing).resolves.toBeUndefined();
    await scene.lose();
    await ending;
  });

  it('while a recursive one waits for room, a persistent one beside it hears of children', async () => {
    scene = await WatchScene.open({ inflightMax: 2 });
    await scene.standing('/a', 'p');
    const watch = await scene.standing('/a', 'r', { recursive: true });
    scene.read('data', '/1', '1');
    scene.read('data', '/2', '2');
    const closing = watch.close();
    await turn();
    await scene.deliver(told(CREATED, '/a/b'));
    expect(scene.heard()).toEqual(['r:Ended(removed) /a', 'p:NodeChildrenChanged /a']);
    await scene.deliver(scene.takeAnswer(), scene.takeAnswer());
    expect(scene.sent()).toEqual(['op 3', 'op 3', 'addWatch /a 0', 'removeWatches /a 5']);
    await scene.answer();
    await closing;
    expect(scene.session.watches.sizes).toMatchObject({ persistent: 1, recursive: 0 });
  });

  it('with no room for all that has to be said: rejects', async () => {
    scene = await WatchScene.open({ inflightMax: 2 });
    await scene.standing('/a', 'p');
    const watch = await scene.standing('/a', 'r', { recursive: true });
    scene.read('data', '/1', '1');
    await expect(watch.close()).rejects.toMatchObject({ code: 'PIPELINE_FULL' });
    await scene.answer();
    expect(scene.sent()).toEqual(['op 3', 'addWatch /a 0']);
  });
});

describe('reading a watch', () => {
  it('for await gives its events, and break closes it', async () => {
    const watch = await scene.standing('/a', '', { listener: undefined });
    await scene.deliver(told(CREATED, '/a'), told(CHANGED, '/a'));
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of watch) {
        seen.push(inWords(event));
        if (seen.length === 2) break;
      }
    })();
    await turn();
    expect([seen, watch.ended]).toEqual([['NodeCreated /a', 'NodeDataChanged /a'], true]);
    expect(await isSettled(reading)).toBe(false);
    await scene.answer();
    await reading;
    expect(scene.sent()).toEqual(['removeWatches /a 4']);
  });

  it('goes over a lost connection with a Resync, and ends after Ended', async () => {
    const watch = await scene.standing('/a', '', { listener: undefined });
    await scene.lose();
    await scene.reconnect();
    scene.session.watches.end('closed', null);
    const seen: string[] = [];
    for await (const event of watch) seen.push(inWords(event));
    expect(seen).toEqual(['Resync(reconnect) /a', 'Ended(closed) /a']);
  });

  it('holds as many events as it is told', async () => {
    const watch = await scene.standing('/a', '', {
      listener: undefined,
      queueMax: 2,
      recursive: true,
    });
    for (const name of ['x', 'y', 'z']) await scene.deliver(told(CREATED, `/a/b/${name}`));
    const { value } = await watch[Symbol.asyncIterator]().next();
    expect(inWords(value!)).toBe('Resync(overflow) /a/b');
  });

  it('with a listener there is nothing to read', async () => {
    const watch = await scene.standing('/a', 'w');
    expect(() => watch[Symbol.asyncIterator]()).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT' }),
    );
  });

  it('await using closes it', async () => {
    const watch = await scene.standing('/a', 'w');
    const disposing = watch[Symbol.asyncDispose]();
    await scene.answer();
    await disposing;
    expect(scene.sent()).toEqual(['removeWatches /a 4']);
  });
});

describe('a signal', () => {
  it('closes all of its watches, with one listener', async () => {
    const ending = new AbortController();
    const { signal } = ending;
    for (let n = 0; n < 12; n++) await scene.standing(`/${n}`, `${n}`, { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    ending.abort();
    expect(scene.heard()).toHaveLength(12);
    await scene.answer(-127);
    expect(scene.sent()).toHaveLength(12);
    expect(scene.session.watches.sizes.paths).toBe(0);
  });

  it('is let go when the watch has ended', async () => {
    const { signal } = new AbortController();
    const [a, b] = [
      await scene.standing('/a', 'a', { signal }),
      await scene.standing('/b', 'b', { signal }),
    ];
    const closing = a.close();
    await scene.answer();
    await closing;
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    scene.session.watches.end('expired', null);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(b.ended).toBe(true);
  });
});

describe('a queue of watches that have ended before', () => {
  it.each(['one-shot', 'lasting'])('ends with the client: %s', async (kind) => {
    const queue = new WatchQueue();
    if (kind === 'lasting') {
      const watch = await scene.standing('/a', 'w', { listener: queue });
      void watch.close();
    } else {
      scene.watches.oneShot('data', '/a', queue).add('data');
      await scene.deliver(told(CHANGED, '/a'));
    }
    expect((await queue.next()).done).toBe(false);
    const last = queue.next();
    expect(await isSettled(last)).toBe(false);
    void scene.session.close();
    await scene.network.attempt.over();
    expect(await last).toEqual({ value: undefined, done: true });
  });
});
