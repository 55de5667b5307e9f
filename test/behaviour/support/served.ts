import { describe } from 'vitest';
import { createServer } from '../../../src/server/index.ts';
import { startServer } from '../../../tools/zookeeper/index.ts';
import { describeReal } from '../../real/support/real-zookeeper.ts';

/** Ticks of the servers here: sessions of 2 to 20 s. */
const TICK = 1_000;

/** A server of one node that clients can connect to. */
export interface Served extends AsyncDisposable {
  readonly port: number;
  readonly connectString: string;
}

async function embedded(): Promise<Served> {
  const server = await createServer({ port: 0, tickTimeMs: TICK });
  const { connectString } = server;
  const port = server.port as number;
  return { port, connectString, [Symbol.asyncDispose]: () => server.close() };
}

async function real(): Promise<Served> {
  const configLines = ['forceSync=no', 'maxClientCnxns=60'];
  return startServer({ fastStart: true, tickTimeMs: TICK, configLines });
}

/** What one server shows, the embedded one and a real one alike. */
export function describeServed(rows: (start: () => Promise<Served>) => void): void {
  describe('the embedded server', () => rows(embedded));
  describeReal('a real ZooKeeper', () => rows(real));
}
