import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';

/** A plug that somebody forgot goes by itself. */
const PLUG_MS_MAX = 120_000;

/** A connection on loopback that is not made within this will not be made. */
const HANGS_AFTER_MS = 150;

/** Connections that it may take until the queue is full; Linux takes two with a backlog of one. */
const FILLERS_MAX = 16;

/** Listens, and then does nothing at all: what comes is neither accepted nor refused. */
const PLUG = `
  const [port, ms] = process.argv.slice(1).map(Number);
  require('node:net').createServer().listen({ host: '127.0.0.1', port, backlog: 1 }, () => {
    process.stdout.write('plugged');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  });
`;

/**
 * Makes a port of 127.0.0.1 a black hole: who dials it hears nothing, as behind a broken network.
 * A process listens on it that never accepts, and its queue is filled, so that the kernel drops what comes.
 */
export class PortPlug {
  readonly #process: ChildProcess;
  readonly #fillers: Socket[] = [];

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** Plugs a port that nobody listens on. */
  static async into(port: number): Promise<PortPlug> {
    const child = spawn(process.execPath, ['-e', PLUG, String(port), String(PLUG_MS_MAX)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const plug = new PortPlug(child);
    try {
      await Promise.race([once(child.stdout, 'data'), exitOf(child)]);
      await plug.#fill(port);
    } catch (error) {
      await plug.pull();
      throw error;
    }
    return plug;
  }

  /** Frees the port. */
  async pull(): Promise<void> {
    for (const filler of this.#fillers) filler.destroy();
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'close');
  }

  async #fill(port: number): Promise<void> {
    while (this.#fillers.length < FILLERS_MAX) {
      const filler = connect({ host: '127.0.0.1', port });
      filler.on('error', () => {});
      this.#fillers.push(filler);
      await Promise.race([once(filler, 'connect'), delay(HANGS_AFTER_MS)]);
      // A process that was kept from its event loop sees that the time is over before it sees what has come.
      await nextTurn();
      await nextTurn();
      if (filler.connecting) return;
    }
    throw new Error(`port ${port} still accepts after ${FILLERS_MAX} connections`);
  }
}

async function exitOf(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`the process that was to listen ended with code ${code}`);
}
