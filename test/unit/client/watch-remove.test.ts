import { beforeEach, describe, expect, it } from 'vitest';
import type { WatchSelection } from '../../../src/client/watches.ts';
import type { RequestError } from '../../../src/errors.ts';
import { CHANGED, CHILDREN, told, turn, WatchScene } from './watch-scene.ts';

let scene: WatchScene;

beforeEach(async () => {
  scene = await WatchScene.open();
});

const NO_WATCHER = -121;

const remove = (path: string, selection: WatchSelection, signal?: AbortSignal): Promise<void> =>
  scene.watches.remove(path, selection, scene.session.waitLimits(undefined, signal));

/** `get`, `exists` of a missing node and `getChildren`, each with a watch, answered. */
async function readAll(path: string): Promise<void> {
  scene.read('data', path, 'data');
  scene.read('data', path, 'exist', 'exist');
  scene.read('child', path, 'child');
  await scene.answer();
  scene.sent();
}

describe('removing watches', () => {
  it.each([
    ['data', 2, ['data', 'exist']],
    ['child', 1, ['child']],
    ['any', 3, ['data', 'exist', 'child']],
  ] as const)('%s: type %i, ends %j', async (selection, type, ended) => {
    await readAll('/a');
    await readAll('/b');
    const removing = remove('/a', selection);
    expect(scene.heard()).toEqual(ended.map((name) => `${name}:Ended(removed) /a`));
    await scene.answer();
    await removing;
    expect(scene.sent()).toEqual([`removeWatches /a ${type}`]);
    await scene.deliver(told(CHANGED, '/a'), told(CHILDREN, '/a'));
    const rest = ['data', 'exist', 'child'].filter((name) => !ended.includes(name as never));
    expect(scene.heard().map((line) => line.split(':')[0])).toEqual(rest);
    expect(scene.session.watches.count('/b', 'data', 'exist', 'child')).toBe(3);
  });

  it('any takes the lasting ones too', async () => {
    const p = await scene.standing('/a', 'p');
    const r = await scene.standing('/a', 'r', { recursive: true });
    await readAll('/a');
    const removing = remove('/a', 'any');
    await scene.answer();
    await removing;
    expect([p.ended, r.ended, scene.sent()]).toEqual([true, true, ['removeWatches /a 3']]);
    expect(scene.session.watches.sizes.paths).toBe(0);
    await p.close();
    await turn();
    expect(scene.sent()).toEqual([]);
  });

  it.each([
    ['persistent', 'removeWatches /a 4'],
    ['recursive', 'removeWatches /a 5'],
  ] as const)('%s takes all of them, as close() does', async (selection, request) => {
    const recursive = selection === 'recursive';
    for (const name of ['1', '2']) await scene.standing('/a', name, { recursive });
    scene.read('data', '/a', 'd');
    await scene.answer();
    scene.sent();
    const removing = remove('/a', selection);
    expect(scene.heard()).toEqual(['1:Ended(removed) /a', '2:Ended(removed) /a']);
    await scene.answer();
    await removing;
    expect(scene.sent()).toEqual([request, 'setWatches 1 data:/a']);
  });

  it('what a read before it leaves behind goes with the rest; what one after it leaves stays', async () => {
    scene.read('data', '/a', 'before');
    const removing = remove('/a', 'data');
    scene.read('data', '/a', 'after');
    await scene.answer();
    await removing;
    expect(scene.heard()).toEqual(['before:Ended(removed) /a']);
    await scene.deliver(told(CHANGED, '/a'));
    expect(scene.heard()).toEqual(['after:NodeDataChanged /a']);
  });

  it('fired meanwhile: the server has none any more, and that is fine', async () => {
    await readAll('/a');
    const removing = remove('/a', 'data');
    await scene.answer(NO_WATCHER);
    await expect(removing).resolves.toBeUndefined();
  });

  it('none at all is an error, of the server or of this side', async () => {
    const asked = expect(remove('/a', 'any')).rejects.toMatchObject({
      code: 'NOWATCHER',
      outcome: 'rejected',
      path: '/a',
    });
    await scene.answer(NO_WATCHER);
    await asked;
    scene.sent();
    const local = { code: 'NOWATCHER', outcome: 'not-sent', operation: 'removeWatches' };
    await expect(remove('/a', 'persistent')).rejects.toMatchObject(local);
    await scene.standing('/a', 'p');
    await expect(remove('/a', 'data')).rejects.toMatchObject(local);
    await scene.lose();
    await expect(remove('/b', 'any')).rejects.toMatchObject(local);
  });

  it('served by a lasting one they are forgotten here: the server would take that one', async () => {
    await scene.standing('/a', 'p');
    await readAll('/a');
    await remove('/a', 'data');
    await remove('/a', 'child');
    await turn();
    expect(scene.sent()).toEqual([]);
    await scene.deliver(told(CHANGED, '/a'));
    expect(scene.heard().at(-1)).toBe('p:NodeDataChanged /a');
  });

  it('without a connection they are just forgotten', async () => {
    await readAll('/a');
    await scene.lose();
    await remove('/a', 'any');
    await scene.reconnect();
    expect(scene.sent()).toEqual([]);
  });

  it('lost before the answer: they are gone with the connection', async () => {
    await readAll('/a');
    const removing = remove('/a', 'any');
    await turn();
    await scene.lose();
    await expect(removing).resolves.toBeUndefined();
    await scene.reconnect();
    expect(scene.sent()).toEqual([]);
  });

  it('another refusal and a caller who gives up are told', async () => {
    await readAll('/a');
    const refused = expect(remove('/a', 'data')).rejects.toMatchObject({ code: 'THROTTLEDOP' });
    await scene.answer(-127);
    await refused;
    const ending = new AbortController();
    const given = expect(remove('/a', 'child', ending.signal)).rejects.toMatchObject({
      code: 'ABORTED',
    });
    ending.abort();
    await given;
  });

  it.each(['any', 'data'] as const)(
    '%s: what the server forgets is forgotten here, though the caller has gone',
    async (selection) => {
      const ending = new AbortController();
      scene.read('data', '/a', 'before');
      const removing = remove('/a', selection, ending.signal);
      scene.read('data', '/a', 'after');
      await turn();
      ending.abort('enough');
      await expect(removing).rejects.toMatchObject({
        code: 'ABORTED',
        outcome: 'unknown',
        operation: 'removeWatches',
        path: '/a',
        cause: 'enough',
      });
      await scene.answer();
      expect(scene.heard()).toEqual(['before:Ended(removed) /a']);
      await scene.deliver(told(CHANGED, '/a'));
      expect(scene.heard()).toEqual(['after:NodeDataChanged /a']);
    },
  );

  it('waits no longer than it is told, for lasting watches too', async () => {
    await scene.standing('/a', 'p');
    await readAll('/b');
    const { session, network } = scene;
    const code = (at: string, selection: WatchSelection, timeoutMs: number): Promise<string> =>
      scene.watches.remove(at, selection, session.waitLimits(timeoutMs, undefined)).then(
        () => 'done',
        (error: RequestError) => `${error.code}/${error.outcome}`,
      );
    expect(await code('/b', 'any', 0)).toBe('REQUEST_TIMEOUT/not-sent');
    expect(scene.heard()).toEqual([]);
    const codes = Promise.all([code('/a', 'persistent', 100), code('/b', 'any', 1000)]);
    await turn();
    network.clock.advance(150);
    await scene.answer();
    expect(await codes).toEqual(['REQUEST_TIMEOUT/unknown', 'done']);
    await network.advance(100);
    // Nobody looks for deadlines any more; the server's pings go on.
    expect(network.clock.timers).toBe(1);
    expect(session.watches.sizes.paths).toBe(0);
  });

  it('an unknown selection is refused', async () => {
    const unknown = { code: 'BAD_ARGUMENT', outcome: 'not-sent' };
    await expect(remove('/a', 'all' as never)).rejects.toMatchObject(unknown);
    await expect(scene.watches.check('/a', undefined as never, undefined)).rejects.toMatchObject(
      unknown,
    );
  });
});

describe('asking for watches', () => {
  it.each([
    ['child', 1],
    ['data', 2],
    ['any', 3],
    ['persistent', 4],
    ['recursive', 5],
  ] as const)('%s: type %i', async (selection, type) => {
    const asking = [1, 2].map(() => scene.watches.check('/a', selection, undefined));
    await scene.answer(0, NO_WATCHER);
    expect(await Promise.all(asking)).toEqual([true, false]);
    expect(scene.sent()[0]).toBe(`checkWatches /a ${type}`);
  });

  it('other answers are errors', async () => {
    const asking = expect(scene.watches.check('/a', 'persistent', undefined)).rejects.toMatchObject(
      {
        code: 'MARSHALLINGERROR',
        operation: 'checkWatches',
      },
    );
    await scene.answer(-5);
    await asking;
  });
});
