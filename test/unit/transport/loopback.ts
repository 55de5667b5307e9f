import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** `openssl req` and `x509` date from today on; only `ca` can date back. */
const EXPIRED_CA = `[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = DNS:localhost,IP:127.0.0.1
`;

/** As `throwAwayCertificate`, valid for the first day of 2020 only. To be called when that one exists. */
export function expiredCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'zkwire-tls-'));
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const openssl = (command: string): void => {
    execFileSync('openssl', command.split(' '), { cwd: folder, stdio: 'pipe' });
  };
  try {
    writeFileSync(join(folder, 'ca.cnf'), EXPIRED_CA);
    writeFileSync(join(folder, 'index.txt'), '');
    openssl(
      'req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -out csr -subj /CN=x',
    );
    openssl(
      'ca -batch -notext -selfsign -config ca.cnf -keyfile key -in csr -out cert ' +
        '-startdate 20200101000000Z -enddate 20200102000000Z',
    );
    return { key: read('key'), cert: read('cert') };
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
