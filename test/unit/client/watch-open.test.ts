import { beforeEach, describe, expect, it } from 'vitest';
import type { AddWatchOptions } from '../../../src/client/watch.ts';
import { RequestError } from '../../../src/errors.ts';
import { CHANGED, CREATED, told, turn, WatchScene } from './watch-scene.ts';

let scene: WatchScene;

beforeEach(async () => {
  scene = await WatchScene.open();
});

const failure = (answer: Promise<unknown>): Promise<RequestError> =>
  answer.then(
    () => expect.unreachable('it succeeded'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(RequestError);
      return error as RequestError;
    },
  );

describe('watch()', () => {
  it.each([
    [false, 'addWatch /a 0', 'persistent'],
    [true, 'addWatch /a 1', 'recursive'],
  ] as const)('recursive %s: %s', async (recursive, request, kind) => {
    const opening = scene.watch('/a', 'w', { recursive });
    await turn();
    expect(scene.sent()).toEqual([request]);
    expect(scene.session.watches.count('/a', kind)).toBe(0);
    await scene.answer();
    const watch = await opening;
    expect([watch.path, watch.recursive, watch.ended]).toEqual(['/a', recursive, false]);
    expect(scene.session.watches.sizes).toMatchObject({ [kind]: 1, paths: 1 });
  });

  it('stands before the next frame is looked at, and not before its answer', async () => {
    const opening = scene.watch('/a', 'w');
    await turn();
    await scene.deliver(told(CHANGED, '/a', 3n), scene.takeAnswer(), told(CREATED, '/a', 4n));
    await opening;
    expect(scene.heard()).toEqual(['w:NodeCreated /a']);
  });

  it('NONODE is as good as OK: servers keep the watch', async () => {
    const opening = scene.watch('/a', 'w');
    await scene.answer(-101);
    await opening;
    await scene.deliver(told(CREATED, '/a'));
    expect(scene.heard()).toEqual(['w:NodeCreated /a']);
  });

  it('another refusal leaves nothing', async () => {
    const opening = failure(scene.watch('/a', 'w'));
    await scene.answer(-6);
    expect(await opening).toMatchObject({
      code: 'UNIMPLEMENTED',
      outcome: 'rejected',
      operation: 'addWatch',
      path: '/a',
    });
    await turn();
    expect(scene.sent()).toEqual(['addWatch /a 0']);
    expect(scene.session.watches.sizes.paths).toBe(0);
  });

  it.each([['a'], ['/a/'], [''], [7 as never]])(
    'path %j is refused, nothing is sent',
    async (path) => {
      for (const call of [
        scene.watch(path, 'w'),
        scene.watches.remove(path, 'any', undefined),
        scene.watches.check(path, 'any', undefined),
      ]) {
        expect(await failure(call)).toMatchObject({ code: 'BAD_ARGUMENT', outcome: 'not-sent' });
      }
      expect(scene.sent()).toEqual([]);
    },
  );

  it('takes a limit of its queue that is none for an error', async () => {
    await expect(scene.watches.watch('/a', { queueMax: 0 }, undefined)).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
    });
    expect(scene.sent()).toEqual([]);
  });

  it('takes an option that there is not for an error', async () => {
    const options = { recursve: true } as AddWatchOptions;
    const error = await failure(scene.watches.watch('/a', options, undefined));
    expect(error).toMatchObject({ code: 'BAD_ARGUMENT', outcome: 'not-sent', path: '/a' });
    expect((error as Error).message).toContain("'recursve'. Did you mean 'recursive'?");
    expect(scene.sent()).toEqual([]);
  });

  it('below a chroot: the server sees the whole path, the user its own', async () => {
    scene = await WatchScene.open({}, 'a:1/app');
    for (const [path, request] of [
      ['/a', 'addWatch /app/a 0'],
      ['/', 'addWatch /app 0'],
    ] as const) {
      const opening = scene.watch(path, path);
      await scene.answer();
      expect([(await opening).path, scene.sent()]).toEqual([path, [request]]);
    }
    await scene.deliver(told(CHANGED, '/app/a'), told(CHANGED, '/app'), told(CHANGED, '/a'));
    expect(scene.heard()).toEqual(['/a:NodeDataChanged /a', '/:NodeDataChanged /']);
    await failure(scene.watches.remove('/b', 'persistent', undefined));
    const checking = scene.watches.check('/a', 'any', undefined);
    await scene.answer();
    expect(await checking).toBe(true);
    expect(scene.sent()).toEqual(['checkWatches /app/a 3']);
  });

  it('every watch hears for itself, with the same path and listener too', async () => {
    const listener = scene.listener('l');
    for (let n = 0; n < 2; n++) await scene.standing('/a', '', { listener });
    await scene.deliver(told(CHANGED, '/a'));
    expect(scene.heard()).toEqual(['l:NodeDataChanged /a', 'l:NodeDataChanged /a']);
  });

  it('without a connection it waits for one, behind the setWatches of those that stand', async () => {
    await scene.standing('/old', 'old');
    await scene.lose();
    const opening = scene.watch('/new', 'new');
    await scene.reconnect();
    expect(scene.sent()).toEqual(['setWatches2 1 persistent:/old', 'addWatch /new 0']);
    await scene.answer();
    await opening;
    expect(scene.heard()).toEqual(['old:Resync(reconnect) /old']);
  });

  it('lost before the answer: nothing stands, nothing is set again', async () => {
    const opening = failure(scene.watch('/a', 'w'));
    await turn();
    await scene.lose();
    expect(await opening).toMatchObject({ code: 'CONNECTION_LOSS', outcome: 'unknown' });
    await scene.reconnect();
    expect([scene.sent(), scene.heard()]).toEqual([[], []]);
  });
});

describe('a caller that stops waiting', () => {
  it('leaves nothing on the server', async () => {
    const ending = new AbortController();
    const opening = failure(scene.watch('/a', 'w', { signal: ending.signal }));
    await turn();
    ending.abort();
    expect((await opening).code).toBe('ABORTED');
    await scene.answer();
    await scene.deliver(told(CHANGED, '/a'));
    expect(scene.sent()).toEqual(['addWatch /a 0', 'removeWatches /a 4']);
    expect(scene.heard()).toEqual([]);
    expect(scene.session.watches.sizes.paths).toBe(0);
  });

  it('by time-out as well', async () => {
    const opening = failure(scene.watch('/a', 'w', { timeoutMs: 100, recursive: true }));
    await turn();
    await scene.network.advance(200);
    expect((await opening).code).toBe('REQUEST_TIMEOUT');
    await turn();
    expect(scene.sent()).toEqual(['addWatch /a 1', 'removeWatches /a 5']);
  });

  it('takes nothing from others on the path', async () => {
    await scene.standing('/a', 'other');
    const ending = new AbortController();
    const opening = failure(scene.watch('/a', 'w', { signal: ending.signal }));
    await turn();
    ending.abort();
    await opening;
    await scene.answer();
    expect(scene.sent()).toEqual(['addWatch /a 0']);
    await scene.deliver(told(CHANGED, '/a'));
    expect(scene.heard()).toEqual(['other:NodeDataChanged /a']);
  });

  it('before it began: nothing is sent', async () => {
    const opening = failure(scene.watch('/a', 'w', { signal: AbortSignal.abort() }));
    expect(await opening).toMatchObject({ code: 'ABORTED', outcome: 'not-sent' });
    await turn();
    expect(scene.sent()).toEqual([]);
    expect(scene.read('data', '/a', 'd')).toBe(true);
  });
});
