import { SlabPool } from '../codec/index.ts';
import { ConnectError, ZkwireError } from '../errors.ts';
import { FRAME_BODY_BYTES_CEILING } from '../limits.ts';
import {
  Connection,
  type ConnectionOptions,
  type Endpoint,
  parseConnectString,
} from '../session/index.ts';
import { dial, formatHost } from '../transport/index.ts';
import { ZooKeeperClient } from './client.ts';
import type { ConnectOptions } from './types.ts';

/**
 * Connects to the first server of `connectString` (`host[:port],...`) that gives a session.
 * Rejects with a ConnectError; when several servers were tried its `cause` is an AggregateError.
 * An option that makes no sense is a ZkwireError with code `BAD_ARGUMENT`, before anything is tried.
 *
 * This version stays on one connection: when that ends, everything pending fails with its `outcome`
 * and the client is done.
 */
export async function connect(
  connectString: string,
  options: ConnectOptions = {},
): Promise<ZooKeeperClient> {
  checkOptions(options);
  const failures: ConnectError[] = [];
  const { servers, chroot } = parseConnectString(connectString);
  if (chroot !== '') {
    // Refused, not ignored: every path would be another node's.
    const detail = `connect string: a chroot (${JSON.stringify(chroot)}) is not supported`;
    throw new ConnectError('BAD_CONNECT_STRING', undefined, detail);
  }
  for (const endpoint of servers) {
    try {
      return await connectTo(endpoint, options);
    } catch (error) {
      if (!(error instanceof ConnectError) || error.code === 'ABORTED') throw error;
      failures.push(error);
    }
  }
  if (failures.length === 1) throw failures[0]!;
  const cause = new AggregateError(failures, 'every server failed');
  const detail = failures.map((failure) => failure.message).join('; ');
  throw new ConnectError('CONNECT_FAILED', undefined, detail, cause);
}

async function connectTo(endpoint: Endpoint, options: ConnectOptions): Promise<ZooKeeperClient> {
  const { host, port } = endpoint;
  const pool = new SlabPool();
  const connection = await Connection.open(
    (signal) => dial({ host, port, pool, tls: options.tls, signal }),
    formatHost(host, port),
    connectionOptions(options),
  );
  return new ZooKeeperClient(connection, options.requestTimeoutMs);
}

function connectionOptions(options: ConnectOptions): ConnectionOptions {
  return {
    sessionTimeoutMs: options.sessionTimeoutMs,
    connectTimeoutMs: options.connectTimeoutMs,
    requestsMax: options.inflightMax,
    bytesMax: options.inflightBytesMax,
    bodyBytesMax: options.frameBytesMax,
    signal: options.signal,
    events: {
      ...(options.onClose === undefined ? {} : { onEnd: options.onClose }),
      ...(options.onCallbackError === undefined
        ? {}
        : { onCallbackError: options.onCallbackError }),
    },
  };
}

/** Pending requests are numbered with 32 bits, and half of that tells before from after. */
const INFLIGHT_CEILING: number = 2 ** 30;

/** Timers and the wire have 31 bits for a time. */
const TIME_MS_MAX: number = 2 ** 31 - 1;

function checkOptions(options: ConnectOptions): void {
  checkWhole('sessionTimeoutMs', options.sessionTimeoutMs, TIME_MS_MAX);
  checkWhole('connectTimeoutMs', options.connectTimeoutMs, TIME_MS_MAX);
  checkWhole('requestTimeoutMs', options.requestTimeoutMs, Number.MAX_SAFE_INTEGER);
  checkWhole('inflightMax', options.inflightMax, INFLIGHT_CEILING);
  checkWhole('inflightBytesMax', options.inflightBytesMax, Number.MAX_SAFE_INTEGER);
  checkWhole('frameBytesMax', options.frameBytesMax, FRAME_BODY_BYTES_CEILING);
}

function checkWhole(name: keyof ConnectOptions, value: number | undefined, max: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= max)) return;
  throw new ZkwireError(
    'BAD_ARGUMENT',
    `${name} must be a whole number of 1 to ${max}, not ${value}`,
  );
}
