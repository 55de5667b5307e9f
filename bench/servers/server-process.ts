import { fork } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NullResponderOptions } from './null-responder.ts';

const HERE = dirname(fileURLToPath(import.meta.url));

/** A server that cases run against. */
export interface BenchServer {
  /** `127.0.0.1:port` */
  connectString: string;
  /** CPU time used so far, in microseconds; null when that cannot be asked. */
  cpuUs(): Promise<number | null>;
  stop(): Promise<void>;
}

/** Starts a null responder as a process of its own, so that it has a core of its own where there are two. */
export function startNullResponderProcess(options: NullResponderOptions): Promise<BenchServer> {
  return startServerProcess(join(HERE, 'null-responder-process.js'), options);
}

/** Starts an embedded server, in memory, as a process of its own. `execArgv`: flags of Node. */
export function startEmbeddedProcess(execArgv: readonly string[] = []): Promise<BenchServer> {
  return startServerProcess(join(HERE, 'embedded-process.js'), {}, execArgv);
}

/** Starts a script that sends `{ port }`, answers messages with `{ cpuUs }`, and ends with its parent. */
export async function startServerProcess(
  script: string,
  options: object,
  execArgv: readonly string[] = [],
): Promise<BenchServer> {
  const child = fork(script, [JSON.stringify(options)], { execArgv: [...execArgv] });
  // Not 'close': Node 20 does not emit it when this side disconnects.
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // Answers come in the order of the questions.
  const waiting: ((message: unknown) => void)[] = [];
  child.on('message', (message) => waiting.shift()?.(message));
  const next = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      waiting.push((message) => resolve(message as T));
      void ended.then(() => reject(new Error(`${basename(script)} ended`)));
    });
  const { port } = await next<{ port: number }>();
  return {
    connectString: `127.0.0.1:${port}`,
    async cpuUs() {
      const answer = next<{ cpuUs: number }>();
      child.send('cpu');
      return (await answer).cpuUs;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
