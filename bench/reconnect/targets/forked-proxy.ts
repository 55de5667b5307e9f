import { fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FaultTimes } from '../reset-proxy.ts';

const HERE = dirname(fileURLToPath(import.meta.url));

/** A reset proxy in a process of its own. */
export interface ForkedProxy {
  readonly connectString: string;
  reset(): Promise<FaultTimes>;
  stop(): Promise<void>;
}

export async function startProxy(target: string, addresses: number): Promise<ForkedProxy> {
  const path = join(HERE, '..', 'reset-proxy-process.js');
  const child = fork(path, [target, String(addresses)], { execArgv: [] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const next = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      child.once('message', (message) => resolve(message as T));
      void ended.then(() => reject(new Error('the reset proxy ended')));
    });
  const { connectString } = await next<{ connectString: string }>();
  return {
    connectString,
    reset() {
      const times = next<FaultTimes>();
      child.send('reset');
      return times;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
