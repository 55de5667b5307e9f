import { closeSync, openSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

/**
 * A socket in a directory that is listened on: it is answered by the kernel as long as the process lives, be it stopped
 * or busy, and whatever namespaces those are in who ask, as long as they share the kernel and the directory.
 */
export class LifeSign {
  readonly #server: Server;
  readonly #path: string;

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
  }

  /** Null where there are no such sockets: outside of Linux, and on some file systems. */
  static async give(directory: string, name: string): Promise<LifeSign | null> {
    const server = createServer((socket) => socket.destroy());
    const isHeard = await throughShortPath(directory, name, (path) => {
      return new Promise<true>((resolve, reject) => {
        server.once('error', reject);
        // Not by the primary, in a worker of a cluster: it would live on with that.
        server.listen({ path, exclusive: true }, () => resolve(true));
      });
    }).catch(() => null);
    // What fails later is one caller's own affair.
    server.on('error', () => undefined);
    server.unref();
    return isHeard === null ? null : new LifeSign(server, join(directory, name));
  }

  close(): void {
    this.#server.close();
    rmSync(this.#path, { force: true });
  }
}

/** Whether somebody listens there; null: nobody can tell. */
export async function isAnswered(directory: string, name: string): Promise<boolean | null> {
  return throughShortPath(directory, name, async (path) => {
    const failure = await codeOfConnect(path);
    if (failure === null) return true;
    // So many ask that one more has to wait.
    if (failure === 'EAGAIN') return true;
    return failure === 'ECONNREFUSED' ? false : null;
  }).catch(() => null);
}

function codeOfConnect(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const settle = (code: string | null): void => {
      resolve(code);
      socket.destroy();
    };
    socket.once('connect', () => settle(null));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => settle(code ?? ''));
  });
}

/** Addresses of sockets hold 107 bytes, which the names of directories exceed. Null where there is no other way. */
async function throughShortPath<T>(
  directory: string,
  name: string,
  run: (path: string) => Promise<T>,
): Promise<T | null> {
  if (process.platform !== 'linux') return null;
  const open = openSync(directory, 'r');
  try {
    return await run(`/proc/self/fd/${open}/${name}`);
  } finally {
    closeSync(open);
  }
}
