import { fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerOptions } from 'zkwire/server';

const HERE = dirname(fileURLToPath(import.meta.url));

/** What the child can be asked. */
export type Question =
  | 'cpu'
  | 'memory'
  | 'watch-stalls'
  | 'longest-stall'
  | 'next-snapshot'
  | 'close';

/** What it answers: that which was asked for. */
export type Answer = Readonly<Record<string, number>>;

/** An embedded server in a process of its own. */
export class EmbeddedProcess {
  /** `127.0.0.1:port` */
  readonly connectString: string;
  readonly port: number;
  /** Time that `createServer` took. */
  readonly openMs: number;
  /** CPU time of it, all threads. */
  readonly openCpuMs: number;
  readonly #send: (question: Question) => Promise<Answer>;
  readonly #end: () => Promise<void>;

  private constructor(
    { port, openMs, openCpuMs }: Answer,
    send: (question: Question) => Promise<Answer>,
    end: () => Promise<void>,
  ) {
    this.port = port as number;
    this.connectString = `127.0.0.1:${this.port}`;
    this.openMs = openMs as number;
    this.openCpuMs = openCpuMs as number;
    this.#send = send;
    this.#end = end;
  }

  /** `options` are those of `createServer`, as far as JSON can say them. */
  static async start(options: ServerOptions): Promise<EmbeddedProcess> {
    const child = fork(join(HERE, 'embedded-child.js'), [JSON.stringify(options)], {
      execArgv: ['--expose-gc'],
    });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    // Questions are asked one at a time.
    const next = (): Promise<Answer> =>
      new Promise((resolve, reject) => {
        child.once('message', (answer) => resolve(answer as Answer));
        void ended.then(() => reject(new Error('the server ended')));
      });
    const send = (question: Question): Promise<Answer> => {
      const answer = next();
      child.send(question);
      return answer;
    };
    const end = async (): Promise<void> => {
      if (child.connected) child.disconnect();
      await ended;
    };
    return new EmbeddedProcess(await next(), send, end);
  }

  /** Asks, and waits for the answer. One question at a time. */
  ask(question: Question): Promise<Answer> {
    return this.#send(question);
  }

  /** Closes the server in good order, and ends the process. */
  async stop(): Promise<void> {
    await this.ask('close').catch(() => undefined);
    await this.#end();
  }
}
