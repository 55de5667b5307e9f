import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A certificate for `localhost`, signed by itself; null when there is no openssl on this machine. */
export function throwAwayCertificate(): Certificate | null {
  const folder = mkdtempSync(join(tmpdir(), 'zkwire-tls-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  try {
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
        .concat(['-keyout', keyFile, '-out', certFile, '-days', '2', '-subj', '/CN=localhost'])
        .concat(['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']),
      { stdio: 'pipe' },
    );
    return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A server on a free port of 127.0.0.1 and the sockets that it has accepted. */
export class LoopbackServer {
  readonly sockets: Socket[] = [];
  readonly #server: Server;
  #waiting: ((socket: Socket) => void)[] = [];

  private constructor(certificate: Certificate | null) {
    const accepted = (socket: Socket): void => {
      socket.on('error', () => {});
      this.sockets.push(socket);
      this.#waiting.shift()?.(socket);
    };
    this.#server =
      certificate === null
        ? createTcpServer({ allowHalfOpen: true }, accepted)
        : createTlsServer({ ...certificate }, accepted);
  }

  static async listen(certificate: Certificate | null = null): Promise<LoopbackServer> {
    const server = new LoopbackServer(certificate);
    await new Promise<void>((resolve) => {
      server.#server.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The next socket that is accepted. */
  accepted(): Promise<Socket> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** A bare client socket and its accepted peer. */
  async pair(): Promise<{ near: Socket; far: Socket }> {
    const accepted = this.accepted();
    const far = connect({ port: this.port, host: '127.0.0.1', allowHalfOpen: true });
    far.on('error', () => {});
    return { near: await accepted, far };
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

/** Reads until `count` bytes have come. */
export function readBytes(socket: Socket, count: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      length += chunk.length;
      if (length < count) return;
      socket.off('data', onData);
      socket.pause();
      resolve(Buffer.concat(chunks));
    };
    socket.on('data', onData);
    socket.resume();
  });
}

/** Resolves with the next `name` event. */
export function once(socket: Socket, name: 'close' | 'end' | 'connect' | 'drain'): Promise<void> {
  return new Promise((resolve) => {
    socket.once(name, () => resolve());
  });
}
