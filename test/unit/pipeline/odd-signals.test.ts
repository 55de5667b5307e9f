import { describe, expect, it } from 'vitest';
import { FLUSH_BYTES } from '../../../src/limits.ts';
import type { WaitLimits } from '../../../src/pipeline/wait-limits.ts';
import { beginGet, dataReply, sentPaths } from './frames.ts';
import { listeners, parkedScene, scene, settled, shown, thrownBy } from './pipelines.ts';

interface Hooks {
  readonly aborted?: () => boolean;
  readonly add?: (listener: () => void) => void;
  readonly remove?: (listener: () => void) => void;
}

/** What looks like an AbortSignal, and runs somebody's code whenever it is touched. */
function oddSignal({ aborted = () => false, add, remove }: Hooks): AbortSignal {
  const signal = {
    reason: 'odd',
    get aborted(): boolean {
      return aborted();
    },
    addEventListener: (_type: string, listener: () => void) => add?.(listener),
    removeEventListener: (_type: string, listener: () => void) => remove?.(listener),
  };
  return signal as unknown as AbortSignal;
}

/** Runs `call` the first time only. */
function once(call: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    call();
  };
}

const boom = new Error('boom');
const explode = (): never => {
  throw boom;
};

describe('a signal of somebody else', () => {
  it('may make a request when it is listened to', () => {
    const one = scene();
    one.lend('a', undefined, { signal: oddSignal({ add: () => one.lend('b') }) });
    one.tick();
    expect([one.sentXids, sentPaths(one.sent)]).toEqual([
      [1, 2],
      ['/a', '/b'],
    ]);
    one.link.deliver(dataReply(1, 'x'), dataReply(2, 'y'));
    expect(one.log).toEqual(['a=x', 'b=y']);
  });

  it.each([
    ['and sends it', (): string => 'sent'],
    ['and forgets it', (): string => 'begun'],
  ])('that makes a request when it is looked at, %s, takes the place of its own', (_what, how) => {
    const one = scene();
    const aborted = (): boolean => {
      if (how() === 'sent') one.lend('inner');
      else beginGet(one.pipeline, '/inner');
      return false;
    };
    const lend = (): void => one.lend('a', undefined, { signal: oddSignal({ aborted }) });
    expect(thrownBy(lend)).toMatchObject({ code: 'BAD_ARGUMENT', outcome: 'not-sent', path: '/a' });
    one.lend('b');
    one.tick();
    const inner = how() === 'sent' ? ['/inner'] : [];
    expect(sentPaths(one.sent)).toEqual([...inner, '/b']);
    one.link.deliver(...one.sentXids.map((xid) => dataReply(xid, 'x')));
    expect(one.log.at(-1)).toBe('b=x');
    expect(one.pipeline.counters()).toMatchObject({ inflight: 0, inflightBytes: 0 });
  });

  it('that ends the connection when it is looked at is refused, and nobody waits for ever', () => {
    const one = scene();
    const signal = oddSignal({
      aborted: () => {
        one.link.over();
        return false;
      },
    });
    expect(shown(thrownBy(() => one.lend('a', undefined, { signal })))).toBe(
      'CONNECTION_CLOSED/not-sent',
    );
    expect(one.pipeline.counters()).toMatchObject({ requests: 0, inflight: 0 });
  });

  it('that ends the connection when it is listened to fails the request once', () => {
    const one = scene();
    one.lend('a', undefined, { signal: oddSignal({ add: () => one.link.over() }) });
    expect(one.log).toEqual(['a=CONNECTION_LOSS/not-sent', 'end LINK_CLOSED']);
  });

  it('that throws when it is looked at is refused before the request has a slot', () => {
    const one = scene();
    const signal = oddSignal({ aborted: explode });
    const refused = thrownBy(() => one.lend('a', undefined, { signal }));
    expect(refused).toMatchObject({ code: 'BAD_ARGUMENT', outcome: 'not-sent', cause: boom });
    one.lend('b');
    one.tick();
    one.link.deliver(dataReply(1, 'x'));
    expect(one.log).toEqual(['b=x']);
  });

  it('that cannot be listened to is told, and the request goes on without it', () => {
    const one = scene();
    one.lend('a', undefined, { signal: oddSignal({ add: explode }) });
    one.lend('b');
    one.tick();
    one.link.deliver(dataReply(1, 'x'), dataReply(2, 'y'));
    expect(one.log).toEqual(['a=x', 'b=y']);
    expect(one.thrown).toEqual([[boom, 'signal']]);
  });

  it('that cannot be let go of costs no reply and no connection', () => {
    const one = scene();
    one.lend('a', undefined, { signal: oddSignal({ remove: explode }) });
    one.lend('b');
    one.tick();
    one.link.deliver(dataReply(1, 'x'), dataReply(2, 'y'));
    expect(one.log).toEqual(['a=x', 'b=y']);
    expect(one.thrown).toEqual([[boom, 'signal']]);
    expect(one.pipeline.ended).toBe(false);
  });

  it('that ends the connection when it is let go of has everybody told once', () => {
    const one = scene();
    const remove = (): void => one.link.over();
    one.lend('a', undefined, { signal: oddSignal({ remove }) });
    one.lend('b', undefined, { signal: oddSignal({ remove }), deadlineMs: 5 });
    one.lend('c');
    one.tick();
    one.link.deliver(dataReply(1, 'x'));
    expect(one.log).toEqual([
      'a=x',
      'b=CONNECTION_LOSS/unknown',
      'c=CONNECTION_LOSS/unknown',
      'end LINK_CLOSED',
    ]);
    expect(one.pipeline.counters()).toMatchObject({ inflight: 0, inflightBytes: 0 });
  });

  it('may fire while it is listened to, again, and after it was let go of', () => {
    const one = scene();
    let fire = (): void => {};
    const add = (listener: () => void): void => {
      fire = listener;
      listener();
    };
    const signal = oddSignal({ add });
    one.lend('a', undefined, { signal });
    expect(one.log).toEqual(['a=ABORTED/unknown']);
    const late = fire;
    one.lend('b', undefined, { signal: oddSignal({ add: (listener) => (fire = listener) }) });
    one.tick();
    one.link.deliver(dataReply(1, 'x'), dataReply(2, 'y'));
    late();
    fire();
    expect(one.log.slice(1)).toEqual(['b=y']);
  });
});

describe('limits of somebody else', () => {
  it('are read once', () => {
    const one = scene();
    const reads: string[] = [];
    const limits: WaitLimits = {
      get signal() {
        reads.push('signal');
        return reads.length > 2 ? ({} as AbortSignal) : undefined;
      },
      get deadlineMs() {
        reads.push('deadlineMs');
        return reads.length > 2 ? Number.NaN : 7;
      },
    };
    one.lend('a', undefined, limits);
    expect([reads, one.pipeline.nextDeadlineMs]).toEqual([['signal', 'deadlineMs'], 7]);
  });

  it.each([5n, '5', null, {}])('have a time-out that is a number, not %o', (deadlineMs) => {
    const one = scene();
    const limits = { deadlineMs } as unknown as WaitLimits;
    const refused = thrownBy(() => one.lend('a', undefined, limits));
    expect(shown(refused)).toBe('BAD_ARGUMENT/not-sent');
    one.lend('b');
    one.tick();
    one.link.deliver(dataReply(1, 'x'));
    expect(one.log).toEqual(['b=x']);
  });

  it('without a method to let go are refused', () => {
    const one = scene();
    const signal = { aborted: false, addEventListener: () => {} } as unknown as AbortSignal;
    expect(shown(thrownBy(() => one.lend('a', undefined, { signal })))).toBe(
      'BAD_ARGUMENT/not-sent',
    );
  });
});

describe('a signal that fires inside the write of its own request', () => {
  it('ends the wait', () => {
    const one = scene();
    const controller = new AbortController();
    one.link.onWrite = once(() => one.link.deliver(dataReply(1, 'x')));
    one.lend('a', () => controller.abort());
    one.set('b', FLUSH_BYTES - one.pipeline.counters().inflightBytes - 30);
    one.lend('c', undefined, { signal: controller.signal });
    expect(one.log).toEqual(['a=x', 'c=ABORTED/unknown']);
    expect(listeners(controller.signal)).toBe(0);
  });
});

describe('moving requests with signals of somebody else', () => {
  it('is done before their code runs: what that asks for comes behind', async () => {
    const parked = parkedScene({ events: { onCallbackError: () => {} } });
    const one = scene();
    const again = once(() => {
      one.lend('from-add');
      expect(shown(thrownBy(() => parked.lend('late')))).toBe('CONNECTION_CLOSED/not-sent');
    });
    let isMoving = false;
    const signal = oddSignal({ add: () => isMoving && again(), remove: explode });
    parked.lend('a', undefined, { signal });
    void parked.get('b', { signal });
    isMoving = true;
    parked.pipeline.moveUnsentTo(one.pipeline);
    one.tick();
    expect(sentPaths(one.sent)).toEqual(['/a', '/b', '/from-add']);
    one.link.deliver(...one.sentXids.map((xid) => dataReply(xid, `v${xid}`)));
    await settled();
    expect(parked.log).toEqual(['end CONNECTION_CLOSED', 'a=v1', 'b=v2']);
    expect(one.log).toEqual(['from-add=v3']);
  });

  it('takes along what their getters ask for first', () => {
    const parked = parkedScene();
    const one = scene();
    let isMoving = false;
    const ask = once(() => parked.lend('asked'));
    const aborted = (): boolean => {
      if (isMoving) ask();
      return false;
    };
    parked.lend('a', undefined, { signal: oddSignal({ aborted }) });
    isMoving = true;
    parked.pipeline.moveUnsentTo(one.pipeline);
    one.tick();
    expect(sentPaths(one.sent)).toEqual(['/a', '/asked']);
  });

  it('leaves out one that has fired and not told yet', () => {
    const parked = parkedScene();
    const one = scene();
    let isAborted = false;
    parked.lend('a', undefined, { signal: oddSignal({ aborted: () => isAborted }) });
    parked.lend('b');
    isAborted = true;
    parked.pipeline.moveUnsentTo(one.pipeline);
    one.tick();
    expect(sentPaths(one.sent)).toEqual(['/b']);
    expect(parked.log).toEqual(['a=ABORTED/not-sent', 'end CONNECTION_CLOSED']);
  });
});
