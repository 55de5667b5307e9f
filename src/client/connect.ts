import { warn } from '../callback-failures.ts';
import { SlabPool } from '../codec/index.ts';
import { ConnectError, type ZkwireError } from '../errors.ts';
import { CONNECT_TIMEOUT_MS, SESSION_TIMEOUT_MS } from '../limits.ts';
import {
  type ConnectString,
  type Dialer,
  parseConnectString,
  Session,
  type SessionOptions,
  type StateEvent,
  systemClock,
  WireTap,
} from '../session/index.ts';
import { dial, dialInMemory, isMemoryHost } from '../transport/index.ts';
import { ZooKeeperClient } from './client.ts';
import { emitState } from './client-events.ts';
import type { ConnectOptions } from './connect-options.ts';
import { checkConnectOptions } from './option-checks.ts';
import { RequestObservation } from './request-observation.ts';
import { SessionStats } from './session-stats.ts';

/**
 * Connects to one of the servers of `connectString` (`host[:port],...[/chroot]`) and resolves with
 * the first session on which the server has taken all credentials. From then on the client keeps it:
 * lost connections are made anew.
 *
 * Rejects with a ConnectError when every server has failed (its `cause` is an AggregateError when
 * there are several), with an AuthError when a credential was refused. An option that makes no sense,
 * or that there is not, is a ZkwireError with code `BAD_ARGUMENT`, before anything is tried.
 */
export async function connect(
  connectString: string,
  options: ConnectOptions = {},
): Promise<ZooKeeperClient> {
  checkConnectOptions(options);
  const servers = parseConnectString(connectString);
  const { signal, clock = systemClock, connectRounds = 1, onCallbackError = warn } = options;
  if (signal?.aborted === true) throw aborted(signal);
  return new Promise((resolve, reject) => {
    const fail = (error: ZkwireError): void => {
      signal?.removeEventListener('abort', onAbort);
      reject(error);
    };
    const giveUp = (error: ZkwireError): void => {
      fail(error);
      void client.close();
    };
    const onAbort = (): void => giveUp(aborted(signal as AbortSignal));
    let connected = false;
    const settle = (event: StateEvent): void => {
      if (connected) return;
      if (event.state === 'session') {
        session.authenticated.then(() => {
          signal?.removeEventListener('abort', onAbort);
          connected = true;
          resolve(client);
        }, giveUp);
      } else if (event.state === 'refused' && event.rounds >= connectRounds) {
        giveUp(everyServerFailed(event.failures));
      } else if (event.state === 'auth-failed') {
        fail(event.error);
      } else if (event.state === 'closed') {
        fail(event.reason ?? new ConnectError('ABORTED', undefined, 'the client was closed'));
      }
    };
    const stats = new SessionStats();
    const requests = new RequestObservation(
      () => clock.nowMs(),
      () => client,
    );
    const session = new Session({
      ...sessionOptions(servers, options),
      observer: requests,
      onPing: (roundTripMs) => stats.pinged(roundTripMs),
      onState: (event) => {
        stats.count(event);
        emitState(client, event, options.onState, onCallbackError);
        settle(event);
      },
      onCallbackError,
    });
    const client = new ZooKeeperClient(session, requests, stats, options.requestTimeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    session.start();
  });
}

function aborted(signal: AbortSignal): ConnectError {
  return new ConnectError('ABORTED', undefined, undefined, signal.reason);
}

function everyServerFailed(failures: readonly ConnectError[]): ConnectError {
  if (failures.length === 1) return failures[0]!;
  const cause = new AggregateError(failures, 'every server failed');
  const code = 'CONNECT_FAILED';
  // The message begins with the code; only another one is worth saying.
  const texts = failures.map(({ message }) => message.replace(`${code}: `, ''));
  return new ConnectError(code, undefined, texts.join('; '), cause);
}

function sessionOptions(
  { servers, chroot }: ConnectString,
  options: ConnectOptions,
): Omit<SessionOptions, 'onState' | 'onCallbackError'> {
  return {
    servers,
    chroot,
    dialer: dialerOf(options),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    sessionTimeoutMs: options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
    connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    inflightMax: options.inflightMax,
    inflightBytesMax: options.inflightBytesMax,
    frameBytesMax: options.frameBytesMax,
    readOnly: options.readOnly ?? false,
    afterExpiry: options.afterExpiry ?? 'new-session',
    whileDisconnected: options.whileDisconnected ?? 'wait',
    resume: options.resume,
    credentials: options.auth ?? [],
    sasl: options.sasl,
  };
}

/** Taps the links when somebody wants to see what passes; otherwise they are as they are. */
function dialerOf(options: ConnectOptions): Dialer {
  const dialer = options.dialer ?? socketDialer(options.tls);
  const { wireTap, wireCapture, clock = systemClock, onCallbackError = warn } = options;
  if (wireTap === undefined && wireCapture === undefined) return dialer;
  const tap = new WireTap({
    onLine: wireTap,
    onRecord: wireCapture,
    nowMs: () => clock.nowMs(),
    frameBytesMax: options.frameBytesMax,
    onCallbackError,
  });
  return tap.dialer(dialer);
}

/** Dials TCP, TLS with `tls`, or a server of this process. The connections of a client follow each other and share one pool. */
function socketDialer(tls: ConnectOptions['tls']): Dialer {
  const pool = new SlabPool();
  return async ({ host, port }, signal) =>
    isMemoryHost(host) ? dialInMemory(host, pool) : dial({ host, port, pool, tls, signal });
}
