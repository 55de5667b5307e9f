import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A frame on its way, without its length. */
export interface ProxiedFrame {
  readonly body: Buffer;
  /** Operation of the request, or of the one that a reply answers; 0 for an event, null in a handshake. */
  readonly op: number | null;
}

/** What a mutant does to one connection. Frames that it gives take the place of the one that came. */
export interface Mutant {
  readonly reply?: (frame: ProxiedFrame) => readonly Buffer[];
  readonly request?: (frame: ProxiedFrame) => readonly Buffer[];
  /** The client is not told when the server ends the connection. */
  readonly hidesEnd?: boolean;
}

/** Makes the mutant of a new connection, with a state of its own. */
export type MutantMaker = () => Mutant;

/** Stands before a server and does to its frames what a server with a fault would. */
export class MutantProxy implements AsyncDisposable {
  readonly #server = createServer((client) => this.#serve(client));
  readonly #sockets = new Set<Socket>();
  readonly #target: { readonly host: string; readonly port: number };
  readonly #makeMutant: MutantMaker;

  private constructor(connectString: string, makeMutant: MutantMaker) {
    const [host = '', port] = connectString.split(':');
    this.#target = { host, port: Number(port) };
    this.#makeMutant = makeMutant;
  }

  static async start(connectString: string, makeMutant: MutantMaker): Promise<MutantProxy> {
    const proxy = new MutantProxy(connectString, makeMutant);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(client: Socket): void {
    const upstream = connect(this.#target);
    const mutant = this.#makeMutant();
    const ops = new Map<number, number>();
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    pump(client, upstream, (body, isFirst) => {
      const op = isFirst || body.length < 8 ? null : body.readInt32BE(4);
      if (op !== null) ops.set(op === 11 ? -2 : body.readInt32BE(0), op);
      return mutant.request?.({ body, op }) ?? [body];
    });
    pump(upstream, client, (body, isFirst) => {
      const xid = isFirst || body.length < 16 ? null : body.readInt32BE(0);
      const op = xid === null ? null : xid === -1 ? 0 : (ops.get(xid) ?? null);
      return mutant.reply?.({ body, op }) ?? [body];
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => {
      if (mutant.hidesEnd !== true) client.end();
    });
  }
}

/** Frames through `change`; what starts with no sensible length is handed on as it is. */
function pump(
  from: Socket,
  to: Socket,
  change: (body: Buffer, isFirst: boolean) => readonly Buffer[],
): void {
  let rest = Buffer.alloc(0);
  let isFirst = true;
  let isRaw = false;
  from.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (!isRaw && rest.length >= 4) {
      const length = rest.readInt32BE(0);
      if (length < 0 || length > 2_000_000) {
        isRaw = true;
        break;
      }
      if (rest.length < 4 + length) return;
      const body = Buffer.from(rest.subarray(4, 4 + length));
      rest = rest.subarray(4 + length);
      for (const each of change(body, isFirst)) {
        const prefix = Buffer.alloc(4);
        prefix.writeInt32BE(each.length);
        if (!to.destroyed) to.write(Buffer.concat([prefix, each]));
      }
      isFirst = false;
    }
    if (!isRaw) return;
    if (!to.destroyed) to.write(rest);
    rest = Buffer.alloc(0);
  });
}
