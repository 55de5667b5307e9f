import { SlabPool } from '../codec/index.ts';
import { ConnectError } from '../errors.ts';
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
 *
 * This version stays on one connection: when that ends, everything pending fails with its `outcome`
 * and the client is done.
 */
export async function connect(
  connectString: string,
  options: ConnectOptions = {},
): Promise<ZooKeeperClient> {
  const failures: ConnectError[] = [];
  for (const endpoint of parseConnectString(connectString)) {
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
