import { describe, expect, it } from 'vitest';
import { WatchQueue } from '../../../src/client/watch-queue.ts';
import { WATCH_QUEUE_EVENTS_MAX } from '../../../src/limits.ts';
import type { WatchEndReason, WatchEvent, WatchListener } from '../../../src/session/index.ts';
import { WatchRegistry } from '../../../src/session/watch-registry.ts';

const changed = (path: string): WatchEvent => ({ type: 'NodeDataChanged', path, zxid: null });
const ended = (path: string, reason: WatchEndReason = 'removed'): WatchEvent => ({
  type: 'Ended',
  path,
  reason,
  error: null,
});
const shown = (event: WatchEvent): string => `${event.type} ${event.path}`;

/** What waits in a queue that has ended or is about to. */
async function drain(queue: WatchQueue): Promise<string[]> {
  const events: string[] = [];
  while (queue.size > 0) {
    const { value } = await queue.next();
    events.push(shown(value as WatchEvent));
  }
  return events;
}

describe('WatchQueue', () => {
  it('gives events in order, those that wait and those that come', async () => {
    const queue = new WatchQueue();
    queue.listener(changed('/1'));
    queue.listener(changed('/2'));
    expect(queue.size).toBe(2);
    const results = [queue.next(), queue.next(), queue.next(), queue.next()];
    expect(queue.size).toBe(0);
    queue.listener(changed('/3'));
    queue.listener(changed('/4'));
    expect(await Promise.all(results)).toEqual(
      ['/1', '/2', '/3', '/4'].map((path) => ({ value: changed(path), done: false })),
    );
  });

  it('a reader that waits goes on before whoever is told later in the same turn', async () => {
    const queue = new WatchQueue();
    const order: string[] = [];
    const reading = (async () => {
      for await (const event of queue) {
        order.push(event.path);
        if (event.path === '/last') break;
      }
    })();
    await new Promise(setImmediate);
    queue.listener(changed('/event'));
    const reply = Promise.resolve().then(() => order.push('reply'));
    await reply;
    queue.listener(changed('/last'));
    await reading;
    expect(order).toEqual(['/event', 'reply', '/last']);
  });

  it('is one listener for as many watches as it serves', () => {
    const queue = new WatchQueue();
    expect(queue.listener).toBe(queue.listener);
  });

  it('goes through many more than fit, when they are read', async () => {
    const queue = new WatchQueue({ max: 10 });
    for (let turn = 0; turn < 100; turn++) {
      for (let each = 0; each < 7; each++) queue.listener(changed(`/${turn}/${each}`));
      for (let each = 0; each < 7; each++) {
        expect((await queue.next()).value).toEqual(changed(`/${turn}/${each}`));
      }
    }
    expect(queue.size).toBe(0);
  });

  it('is full at its limit, 4,096 by default, and gives way to one Resync above it', async () => {
    for (const [max, options] of [
      [3, { max: 3 }],
      [WATCH_QUEUE_EVENTS_MAX, undefined],
    ] as const) {
      const queue = new WatchQueue(options);
      for (let n = 0; n < max; n++) queue.listener(changed(`/a/${n}`));
      expect(queue.size).toBe(max);
      queue.listener(changed('/a/last'));
      expect(queue.size).toBe(1);
      queue.listener(changed('/a/after'));
      expect((await queue.next()).value).toEqual({
        type: 'Resync',
        path: '/a',
        reason: 'overflow',
      });
      expect((await queue.next()).value).toEqual(changed('/a/after'));
    }
  });

  it('counts what waits, not what was read', async () => {
    const queue = new WatchQueue({ max: 2 });
    for (const path of ['/1', '/2']) queue.listener(changed(path));
    await queue.next();
    queue.listener(changed('/3'));
    expect(await drain(queue)).toEqual(['NodeDataChanged /2', 'NodeDataChanged /3']);
  });

  it.each([
    [['/a', '/a'], '/a'],
    [['/a/b', '/a/c'], '/a'],
    [['/a/b', '/a'], '/a'],
    [['/a', '/a/b/c'], '/a'],
    [['/a/bc', '/a/bd'], '/a'],
    [['/a/b', '/a/bc'], '/a'],
    [['/a/bc', '/a/b'], '/a'],
    [['/apple', '/app'], '/'],
    [['/a', '/b'], '/'],
    [['/', '/a'], '/'],
    [['/a', '/'], '/'],
    [['/', '/'], '/'],
    [['/a/b/c/d', '/a/b/c/e', '/a/b/x'], '/a/b'],
  ])('what gives way is named by the lowest node above all: %j, %s', async (paths, ancestor) => {
    const queue = new WatchQueue({ max: paths.length - 1 });
    for (const path of paths) queue.listener(changed(path));
    expect(await drain(queue)).toEqual([`Resync ${ancestor}`]);
  });

  it('a Resync that waits gives way like the rest; the next one covers it', async () => {
    const queue = new WatchQueue({ max: 2 });
    queue.listener({ type: 'Resync', path: '/a/b', reason: 'reconnect' });
    queue.listener(changed('/a/b/c'));
    queue.listener(changed('/a/b/d'));
    queue.listener(changed('/a/x'));
    expect(queue.size).toBe(2);
    queue.listener(changed('/a/y'));
    expect(await drain(queue)).toEqual(['Resync /a']);
  });

  it('Ended never gives way and takes no room', async () => {
    const queue = new WatchQueue({ max: 2 });
    queue.listener(ended('/1'));
    queue.listener(changed('/a/1'));
    queue.listener(ended('/2'));
    queue.listener(changed('/a/2'));
    for (let n = 3; n < 10; n++) queue.listener(ended(`/${n}`));
    expect(queue.size).toBe(11);
    queue.listener(changed('/a/3'));
    expect(await drain(queue)).toEqual([
      ...Array.from({ length: 9 }, (_, n) => `Ended /${n + 1}`),
      'Resync /a',
    ]);
  });

  it('paths as long as a server can build them are compared at once', async () => {
    const queue = new WatchQueue({ max: 2 });
    const deep = '/a'.repeat(400_000);
    for (const end of ['/x', '/y', '/z']) queue.listener(changed(deep + end));
    expect((await queue.next()).value?.path).toBe(deep);
  });

  it('goes on when single watches end or the session does: others may use it', async () => {
    const queue = new WatchQueue();
    for (const reason of ['removed', 'not-restored', 'expired'] as const) {
      queue.listener(ended('/a', reason));
    }
    queue.listener(changed('/b'));
    expect(await drain(queue)).toEqual(['Ended /a', 'Ended /a', 'Ended /a', 'NodeDataChanged /b']);
  });

  describe('ends with the client', () => {
    const done = { value: undefined, done: true };

    it.each(['closed', 'detached', 'auth-failed'] as const)('(%s)', async (reason) => {
      const watches = new WatchRegistry('', () => {});
      const queue = new WatchQueue();
      watches.add('data', '/1', queue.listener);
      queue.hears(watches);
      const waiting = [queue.next(), queue.next()];
      watches.end(reason, null);
      expect(await waiting[0]).toEqual({ value: ended('/1', reason), done: false });
      expect(await waiting[1]).toEqual(done);
      expect(await queue.next()).toEqual(done);
      expect(watches.waiting.size).toBe(0);
    });

    it('after what waits to be read', async () => {
      const watches = new WatchRegistry('', () => {});
      const queue = new WatchQueue();
      queue.hears(watches);
      watches.add('data', '/1', queue.listener);
      queue.listener(changed('/2'));
      watches.end('closed', null);
      expect((await queue.next()).value).toEqual(changed('/2'));
      expect((await queue.next()).value).toEqual(ended('/1', 'closed'));
      expect(await queue.next()).toEqual(done);
    });

    it.each(['before', 'behind'])(
      'whose watches have all ended, given to it %s a reader',
      async (when) => {
        const watches = new WatchRegistry('', () => {});
        const queue = new WatchQueue();
        if (when === 'before') queue.hears(watches);
        const waiting = queue.next();
        queue.hears(watches);
        watches.add('data', '/1', queue.listener);
        watches.end('expired', null);
        expect((await waiting).value).toEqual(ended('/1', 'expired'));
        const behind = queue.next();
        watches.end('closed', null);
        expect(await behind).toEqual(done);
      },
    );

    it('when that was the last of several', async () => {
      const [one, other] = [new WatchRegistry('', () => {}), new WatchRegistry('', () => {})];
      const queue = new WatchQueue();
      for (const watches of [one, other]) queue.hears(watches);
      const waiting = [queue.next(), queue.next()];
      one.end('closed', null);
      queue.listener(changed('/2'));
      expect((await waiting[0])?.value).toEqual(changed('/2'));
      other.end('closed', null);
      expect(await waiting[1]).toEqual(done);
    });

    it('and keeps none that has ended when it is given to the next', async () => {
      let asked = 0;
      const endedSource = {
        get over(): boolean {
          asked++;
          return true;
        },
        waiting: new Set<WatchListener>(),
      };
      const queue = new WatchQueue();
      queue.hears(endedSource);
      const watches = new WatchRegistry('', () => {});
      queue.hears(watches);
      asked = 0;
      const waiting = queue.next();
      watches.end('closed', null);
      expect(await waiting).toEqual(done);
      expect([asked, endedSource.waiting.size]).toEqual([0, 0]);
    });

    it('and is kept by it only while somebody waits', async () => {
      const watches = new WatchRegistry('', () => {});
      const queue = new WatchQueue();
      queue.hears(watches);
      expect(watches.waiting.size).toBe(0);
      const waiting = [queue.next(), queue.next()];
      expect(watches.waiting.size).toBe(1);
      queue.listener(changed('/1'));
      expect(watches.waiting.size).toBe(1);
      queue.listener(changed('/2'));
      expect(watches.waiting.size).toBe(0);
      await Promise.all(waiting);
      const stopped = queue.next();
      await queue.stop();
      expect([await stopped, watches.waiting.size]).toEqual([done, 0]);
    });
  });

  it('break stops it: nothing is kept any more', async () => {
    const queue = new WatchQueue();
    queue.listener(changed('/1'));
    queue.listener(changed('/2'));
    for await (const event of queue) {
      expect(event.path).toBe('/1');
      break;
    }
    queue.listener(changed('/3'));
    expect(queue.size).toBe(0);
    expect(await queue.next()).toEqual({ value: undefined, done: true });
    expect(await queue.return()).toEqual({ value: undefined, done: true });
  });

  it('stop ends those who wait', async () => {
    const queue = new WatchQueue();
    const waiting = [queue.next(), queue.next()];
    await queue.stop();
    expect(await Promise.all(waiting)).toEqual([
      { value: undefined, done: true },
      { value: undefined, done: true },
    ]);
    await queue[Symbol.asyncDispose]();
  });

  it('a limit that is none is refused', () => {
    for (const max of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new WatchQueue({ max })).toThrow(
        expect.objectContaining({ code: 'BAD_ARGUMENT' }),
      );
    }
    expect(() => new WatchQueue({ queueMax: 3 } as never)).toThrow("no option 'queueMax'");
  });
});
