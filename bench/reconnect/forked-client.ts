import { type ChildProcess, fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClientJob, FromClient, Ready, Recovered, ToClient } from './client-messages.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const TAIL_CHARS = 500;
/** A client that is told to close gets this long. */
const CLOSE_MS = 2_000;

/** The parent's end of a client's process. */
export class ForkedClient {
  readonly #child: ChildProcess;
  #tail = '';
  #ended: string | null = null;
  #waiting: { resolve: (message: FromClient) => void; reject: (reason: Error) => void } | null =
    null;
  #recovered: Promise<Recovered> | null = null;

  private constructor(job: ClientJob) {
    this.#child = fork(join(HERE, 'client-process.js'), [JSON.stringify(job)], {
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const keep = (chunk: Buffer): void => {
      this.#tail = (this.#tail + chunk.toString('utf8')).slice(-TAIL_CHARS);
    };
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
    this.#child.on('message', (message: FromClient) => this.#settle(message));
    this.#child.on('error', (cause) => this.#end(cause.message));
    this.#child.on('close', (code, signal) => this.#end(`ended with ${code ?? signal}`));
  }

  /** Resolves when the client has a session and all its watches. */
  static async start(job: ClientJob, limitMs: number): Promise<[ForkedClient, Ready]> {
    const client = new ForkedClient(job);
    const message = await within(client.#next(), limitMs);
    if (message?.type === 'ready') return [client, message];
    client.kill();
    throw new Error(message?.type === 'failed' ? message.reason : `not ready after ${limitMs} ms`);
  }

  /** Tells it of a fault. To be followed by `recoveredWithin`, once or more often. */
  tellFault(doneMs: number): void {
    this.#recovered = this.#next() as Promise<Recovered>;
    // Whoever waits is told; before that the process may end unheard.
    this.#recovered.catch(() => {});
    this.#child.send({ type: 'fault', doneMs } satisfies ToClient);
  }

  /** Null when it was not back in that time. */
  recoveredWithin(limitMs: number): Promise<Recovered | null> {
    if (this.#recovered === null) throw new Error('there was no fault');
    return within(this.#recovered, limitMs);
  }

  /** Lets it end its session; kills it when that takes long. */
  async close(): Promise<void> {
    if (this.#ended !== null) return;
    const ended = new Promise<void>((resolve) => this.#child.once('close', () => resolve()));
    this.#child.send({ type: 'close' } satisfies ToClient);
    const timer = setTimeout(() => this.kill(), CLOSE_MS);
    await ended;
    clearTimeout(timer);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #next(): Promise<FromClient> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (this.#ended !== null) this.#end(this.#ended);
    });
  }

  #settle(message: FromClient): void {
    this.#waiting?.resolve(message);
    this.#waiting = null;
  }

  #end(how: string): void {
    this.#ended = how;
    const said = this.#tail.trim().split('\n').slice(-3).join(' | ');
    this.#waiting?.reject(new Error(`the client's process ${how}: ${said || 'no output'}`));
    this.#waiting = null;
  }
}

/** Null when the promise did not settle in that time. */
async function within<T>(promise: Promise<T>, limitMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
