import { JuteReader, OP, RECORDS, XID_NOTIFICATION, XID_PING } from '../../src/codec/index.ts';
import { encodeConnect, encodeRequest } from './encode-request.ts';
import { ODD_HOMES } from './odd-values.ts';
import { RawConnection } from './raw-connection.ts';
import type { KnownSession } from './session-slots.ts';
import { type ConnectPlan, type Field, OPEN_ACL, type RequestPlan } from './step.ts';

/** `super:wardens-only`, which servers under test know as `superDigest`. */
export const SUPER_PASSWORD = 'super:wardens-only';

const HELLO: ConnectPlan = {
  session: 'new',
  password: 'right',
  timeoutMs: 1_000_000,
  readOnly: false,
};
const NOWHERE = { root: '', zxid: 0n };

/** Nodes looked at in one go. */
const BATCH = 200;

/** A node as it was left: the path, and the replies to getData, getACL and getChildren2. */
export interface NodeLeft {
  readonly path: string;
  readonly replies: readonly Buffer[];
}

/** The operations that `NodeLeft.replies` answer. */
export const SWEEP_OPS: readonly number[] = [OP.getData, OP.getACL, OP.getChildren2];

/** A superuser on one server: prepares each list, looks at what it left, and tidies up. */
export class Warden {
  readonly #port: number;
  readonly #patienceMs: number;
  #connection: RawConnection | null = null;

  constructor(port: number, patienceMs: number) {
    this.#port = port;
    this.#patienceMs = patienceMs;
  }

  /** Makes the root of a list, and gives the zxid before that. */
  async prepare(root: string): Promise<bigint> {
    for (const path of homesOf(root)) await this.#remove(path);
    const parts: Field[] = [['s', root], ['d', null], ...OPEN_ACL, ['i', 0]];
    const [made] = await this.#ask([{ op: OP.create, parts: [parts] }]);
    if (made === undefined || made.readInt32BE(16) !== 0) throw new Error(`no root ${root}`);
    return made.readBigInt64BE(8) - 1n;
  }

  /** Everything at and below the root of a list, parents first, and its quota. */
  async sweep(root: string): Promise<NodeLeft[]> {
    const found: NodeLeft[] = [];
    for (const path of homesOf(root)) found.push(...(await this.#nodes(path)));
    return found;
  }

  /** Removes it all. */
  async tidy(nodes: readonly NodeLeft[]): Promise<void> {
    const requests = nodes.map(({ path }) => deletion(path)).reverse();
    await this.#ask(requests);
  }

  /** Ends sessions that a list which was cut short has left. */
  async endSessions(sessions: readonly KnownSession[]): Promise<void> {
    for (const session of sessions) {
      const connection = new RawConnection(this.#port, this.#patienceMs);
      await connection.write(encodeConnect(HELLO, session, NOWHERE));
      await connection.firstFrame();
      await connection.write(encodeRequest({ op: OP.closeSession, parts: [] }, 1, NOWHERE));
      await connection.ended();
      connection.destroy();
    }
  }

  destroy(): void {
    this.#connection?.destroy();
  }

  async #remove(root: string): Promise<void> {
    await this.tidy(await this.#nodes(root));
  }

  async #nodes(root: string): Promise<NodeLeft[]> {
    const found: NodeLeft[] = [];
    const paths = [root];
    while (paths.length > 0) {
      const batch = paths.splice(0, BATCH);
      const replies = await this.#ask(batch.flatMap(inspections));
      for (const [index, path] of batch.entries()) {
        const of = replies.slice(index * 3, index * 3 + 3);
        const children = of[2];
        if (children === undefined || children.readInt32BE(16) !== 0) continue;
        found.push({ path, replies: of });
        const { children: names } = RECORDS.GetChildren2Response.read(
          JuteReader.over(children, 20),
        );
        paths.push(...(names ?? []).map((name) => `${path}/${name}`));
      }
    }
    return found;
  }

  async #ask(requests: readonly RequestPlan[]): Promise<Buffer[]> {
    const connection = await this.#connected();
    const frames = requests.map((request, index) => encodeRequest(request, index + 1, NOWHERE));
    await connection.write(Buffer.concat(frames));
    if (!(await connection.settled()) || connection.closed) {
      connection.destroy();
      this.#connection = null;
      throw new Error(`the server at port ${this.#port} does not answer its warden`);
    }
    return connection.take().filter((frame) => {
      const xid = frame.readInt32BE(4);
      return xid !== XID_PING && xid !== XID_NOTIFICATION;
    });
  }

  async #connected(): Promise<RawConnection> {
    if (this.#connection !== null && !this.#connection.closed) return this.#connection;
    const connection = new RawConnection(this.#port, this.#patienceMs);
    this.#connection = connection;
    const session = { id: 0n, password: Buffer.alloc(16) };
    const login: RequestPlan = {
      op: OP.auth,
      xid: -4,
      parts: [
        [
          ['i', 0],
          ['s', 'digest'],
          ['d', SUPER_PASSWORD],
        ],
      ],
    };
    await connection.write(encodeConnect(HELLO, session, NOWHERE));
    await connection.firstFrame();
    await connection.write(encodeRequest(login, -4, NOWHERE));
    await connection.settled();
    connection.take();
    return connection;
  }
}

/** Where a list may leave something. */
function homesOf(root: string): readonly string[] {
  return [root, `/zookeeper/quota${root}`, ...ODD_HOMES];
}

function inspections(path: string): RequestPlan[] {
  return SWEEP_OPS.map((op) => {
    const name: Field = ['s', path];
    return { op, parts: [op === OP.getACL ? [name] : [name, ['t', false]]] };
  });
}

function deletion(path: string): RequestPlan {
  return {
    op: OP.delete,
    parts: [
      [
        ['s', path],
        ['i', -1],
      ],
    ],
  };
}
