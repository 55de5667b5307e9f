import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConnectError, LinkError } from '../../../src/errors.ts';
import type { PipelineEvents } from '../../../src/pipeline/pipeline-options.ts';
import type { DialLink } from '../../../src/session/attempt.ts';
import { Connection, type ConnectionOptions } from '../../../src/session/connection.ts';
import type { ByteLink } from '../../../src/transport/byte-link.ts';
import { beginGet, notification, pong } from '../pipeline/frames.ts';
import { settled, shown, thrownBy } from '../pipeline/pipelines.ts';
import { ScriptedLink } from '../pipeline/scripted-link.ts';
import { ManualClock } from './manual-clock.ts';
import { accepted, HOST, open } from './opened-connection.ts';

/** The error of an attempt; checks that no timer, listener or slab is left. */
async function failureOf(
  dialer: DialLink,
  options: ConnectionOptions,
  meanwhile: (clock: ManualClock) => void = () => {},
): Promise<ConnectError> {
  const clock = new ManualClock();
  const opening = Connection.open(dialer, HOST, { clock, ...options });
  const failing = opening.then(
    () => expect.unreachable('a connection'),
    (error: unknown) => error as ConnectError,
  );
  await settled();
  meanwhile(clock);
  const error = await failing;
  expect(clock.timers).toBe(0);
  if (options.signal !== undefined) {
    expect(getEventListeners(options.signal, 'abort')).toHaveLength(0);
  }
  return error;
}

function never(): Promise<ByteLink> {
  return new Promise(() => {});
}

describe('Connection.open', () => {
  it('asks for the session time-out and gives what was granted', async () => {
    const { link, connection, clock } = await open({ sessionTimeoutMs: 45_000 });
    expect(link.writes[0]!.readInt32BE(16)).toBe(45_000);
    expect(connection.session).toMatchObject({ sessionId: 0x77n, sessionTimeoutMs: 12_000 });
    expect(connection.pipeline.host).toBe(HOST);
    expect(clock.timers).toBe(1); // keep-alive; the limit on connecting is gone
  });

  it('takes an answer and what comes behind it in one read', async () => {
    const seen: unknown[] = [];
    const events: PipelineEvents = { onNotification: (event) => void seen.push(event.path) };
    await open({ events }, [notification('/early'), pong()]);
    expect(seen).toEqual(['/early']);
  });

  it('calls handlers that live on a prototype, as methods', async () => {
    class Handlers implements PipelineEvents {
      readonly seen: unknown[] = [];
      onNotification(event: { path: string | null }): void {
        this.seen.push(event.path);
      }
      onPing(): void {
        this.seen.push('ping');
        throw new Error('mine');
      }
      onCallbackError(error: unknown): void {
        this.seen.push((error as Error).message);
      }
      onEnd(error: LinkError): void {
        this.seen.push(error.code);
      }
    }
    const events = new Handlers();
    const { link, connection } = await open({ events }, [notification('/w'), pong()]);
    link.over();
    expect(events.seen).toEqual(['/w', 'ping', 'mine', 'LINK_CLOSED']);
    expect((await connection.ended).code).toBe('LINK_CLOSED');
  });

  it('does not show the password', async () => {
    const { connection } = await open();
    const text = inspect(connection, { depth: 9 });
    expect(text).toContain('sessionTimeoutMs: 12000');
    expect(text).not.toMatch(/password|5a 5a/);
  });

  it('fails with CONNECT_FAILED when the dialer does, whatever it says', async () => {
    const refused = new LinkError('LINK_FAILED', HOST, new Error('ECONNREFUSED'));
    const error = await failureOf(() => Promise.reject(refused), {});
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toMatchObject({ code: 'CONNECT_FAILED', host: HOST, cause: refused });
    expect(error.message).toContain('ECONNREFUSED');
    const odd = await failureOf(() => Promise.reject('just text'), {});
    expect(odd).toMatchObject({ code: 'CONNECT_FAILED', cause: 'just text' });
    const thrown = await failureOf(() => {
      throw new Error('at once');
    }, {});
    expect(thrown.message).toContain('at once');
  });

  it('fails with CONNECT_TIMEOUT when the dialer takes too long, and drops its late link', async () => {
    const link = new ScriptedLink();
    let dialled: (link: ByteLink) => void = () => {};
    const dialer: DialLink = () =>
      new Promise((resolve) => {
        dialled = resolve;
      });
    const error = await failureOf(dialer, { connectTimeoutMs: 500 }, (clock) => clock.advance(500));
    expect(error).toMatchObject({ code: 'CONNECT_TIMEOUT', host: HOST });
    expect(error.message).toContain('no session after 500 ms');
    dialled(link);
    await settled();
    expect(link.destroyed).toMatchObject({ code: 'LINK_DESTROYED', cause: error });
  });

  it('fails with CONNECT_TIMEOUT when the server is silent, and drops the link', async () => {
    const link = new ScriptedLink();
    const error = await failureOf(
      () => Promise.resolve(link),
      {},
      (clock) => {
        clock.advance(9_999);
        expect(link.destroyed).toBeNull();
        clock.advance(1);
      },
    );
    expect(error.code).toBe('CONNECT_TIMEOUT');
    expect(link.destroyed).toMatchObject({ cause: error });
    expect(link.pool.counters().outstanding).toBe(0);
  });

  it('fails with ABORTED when the signal has fired, without dialling', async () => {
    let dials = 0;
    const dialer: DialLink = () => {
      dials++;
      return never();
    };
    const error = await failureOf(dialer, { signal: AbortSignal.abort('stop') });
    expect(error).toMatchObject({ code: 'ABORTED', cause: 'stop' });
    expect(dials).toBe(0);
  });

  it('fails with ABORTED when the signal fires while it dials', async () => {
    const controller = new AbortController();
    const told: unknown[] = [];
    const dialer: DialLink = (signal) => {
      signal.addEventListener('abort', () => told.push(signal.reason));
      return never();
    };
    const error = await failureOf(dialer, { signal: controller.signal }, () => {
      controller.abort('stop');
    });
    expect(error).toMatchObject({ code: 'ABORTED', cause: 'stop' });
    expect(told).toEqual([error]);
  });

  it('fails with ABORTED when the signal fires between link and handshake', async () => {
    const controller = new AbortController();
    const link = new ScriptedLink();
    const dialer: DialLink = () =>
      ({
        // biome-ignore lint/suspicious/noThenProperty: a link that is there at once, and an abort right behind it
        then: (resolve: (link: ByteLink) => void) => {
          resolve(link);
          queueMicrotask(() => controller.abort('stop'));
          return Promise.resolve();
        },
      }) as unknown as Promise<ByteLink>;
    const error = await failureOf(dialer, { signal: controller.signal });
    expect(error).toMatchObject({ code: 'ABORTED', cause: 'stop' });
    expect(link.destroyed).not.toBeNull();
  });

  it('fails with ABORTED in the handshake, and right behind its answer', async () => {
    for (const answered of [false, true]) {
      const controller = new AbortController();
      const link = new ScriptedLink();
      const error = await failureOf(
        () => Promise.resolve(link),
        { signal: controller.signal },
        () => {
          if (answered) link.deliver(accepted());
          controller.abort('stop');
        },
      );
      expect(error).toMatchObject({ code: 'ABORTED', cause: 'stop' });
      expect(link.destroyed).not.toBeNull();
      expect(link.pool.counters().outstanding).toBe(0);
    }
  });

  it('fails with what the handshake says', async () => {
    const link = new ScriptedLink();
    const error = await failureOf(
      () => Promise.resolve(link),
      {},
      () => link.deliver(accepted(0)),
    );
    expect(error.code).toBe('SESSION_EXPIRED');
    expect(link.destroyed).not.toBeNull();
  });

  it('fails, and does not throw into the socket, when a limit makes no sense', async () => {
    const link = new ScriptedLink();
    const error = await failureOf(
      () => Promise.resolve(link),
      { bodyBytesMax: -1 },
      () => {
        link.deliver(accepted());
      },
    );
    expect(error).toBeInstanceOf(RangeError);
    expect(link.destroyed).not.toBeNull();
  });
});

describe('a connection', () => {
  it('pings when it is idle and ends when the server is silent', async () => {
    const { link, clock, connection, sent } = await open();
    clock.advance(3000);
    await settled();
    expect(sent()).toEqual(['-2 11']);
    link.deliver(pong());
    clock.advance(7999);
    expect(connection.pipeline.ended).toBe(false);
    clock.advance(1);
    const reason = await connection.ended;
    expect(reason.code).toBe('PEER_SILENT');
    expect(reason.message).toMatch(/nothing was heard for \d+ ms/);
    expect(link.destroyed).toBe(reason);
    expect([clock.timers, link.pool.counters().outstanding]).toEqual([0, 0]);
  });

  it('times requests out by its clock', async () => {
    const { connection, clock, link } = await open();
    const log: string[] = [];
    beginGet(connection.pipeline);
    connection.pipeline.callback(
      () => null,
      (error) => void log.push(shown(error)),
      connection.waitLimits(200, undefined),
    );
    await settled();
    clock.advance(199);
    expect(log).toEqual([]);
    clock.advance(51);
    expect(log).toEqual(['REQUEST_TIMEOUT/unknown']);
    expect(clock.timers).toBe(1);
    link.over();
    expect(clock.timers).toBe(0);
  });

  it('makes no limits where there are none, and refuses time that is over', async () => {
    const { connection } = await open();
    const { signal } = new AbortController();
    expect(connection.waitLimits(undefined, undefined)).toBeUndefined();
    expect(connection.waitLimits(undefined, signal)).toEqual({ signal, deadlineMs: undefined });
    for (const [timeoutMs, failure] of [
      [0, 'REQUEST_TIMEOUT/not-sent'],
      [-1, 'REQUEST_TIMEOUT/not-sent'],
      [Number.NaN, 'BAD_ARGUMENT/not-sent'],
    ] as const) {
      const limits = connection.waitLimits(timeoutMs, undefined);
      beginGet(connection.pipeline);
      expect(shown(thrownBy(() => connection.pipeline.promise(() => null, limits)))).toBe(failure);
    }
  });

  it('leaves no timer behind when it ends before a deadline', async () => {
    const { connection, clock, link } = await open();
    beginGet(connection.pipeline);
    const answer = connection.pipeline.promise(() => null, connection.waitLimits(5000, undefined));
    const failing = expect(answer).rejects.toMatchObject({ code: 'CONNECTION_LOSS' });
    expect(clock.timers).toBe(2);
    link.over();
    expect(clock.timers).toBe(0);
    await failing;
  });

  it('leaves no timer behind when it ends inside a time-out callback', async () => {
    const { connection, clock, link } = await open();
    for (const [timeoutMs, then] of [
      [60_000, () => {}],
      [100, () => link.over()],
    ] as const) {
      beginGet(connection.pipeline);
      connection.pipeline.callback(() => null, then, connection.waitLimits(timeoutMs, undefined));
    }
    clock.advance(150);
    expect(connection.pipeline.ended).toBe(true);
    expect(clock.timers).toBe(0);
  });
});
