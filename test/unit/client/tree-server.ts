import { connect } from '../../../src/client/connect.ts';
import type { ConnectOptions } from '../../../src/client/connect-options.ts';
import type { ZooKeeperClient } from '../../../src/client/index.ts';
import { readConnectHandshake, writeConnectAcceptance } from '../../../src/codec/connect.ts';
import { JuteReader, JuteWriter, OP, operationName } from '../../../src/codec/index.ts';
import {
  type CreateRequest,
  readCreateRequest,
  type Stat,
  writeGetChildren2Response,
  writeGetChildrenResponse,
  writeGetDataResponse,
  writeStatOf,
} from '../../../src/codec/records.gen.ts';
import { reply, type SentFrame, STAT, sentFrames } from '../pipeline/frames.ts';
import { ScriptedLink } from '../pipeline/scripted-link.ts';
import { ManualClock } from '../session/manual-clock.ts';

/**
 * What a test does to a request: an error number instead of its execution; `lose` the connection
 * before it is executed, or `lose-answer` after. Nothing: it is executed and answered.
 */
export type Verdict = number | 'lose' | 'lose-answer' | undefined;

interface Node {
  readonly owner: bigint;
  /** Of the only entry of its ACL. */
  readonly perms: number;
  counter: number;
}

const NO_PATH: ReadonlySet<number> = new Set([OP.ping, OP.multi, OP.multiRead, OP.whoAmI]);

const [NO_NODE, NODE_EXISTS, NOT_EMPTY] = [-101, -110, -111];

/** A server with a tree of nodes, of one client; it answers whatever has come, once a turn. */
export class TreeServer {
  readonly nodes: Map<string, Node> = new Map([['/', { owner: 0n, perms: 31, counter: 0 }]]);
  readonly clock: ManualClock = new ManualClock();
  /** `create /a`, in the order in which they came. */
  readonly requests: string[] = [];
  /** Times that it has answered; what is pipelined is answered at once. */
  roundTrips = 0;
  /** Most requests that waited for one answer. */
  inflightMax = 0;
  /** Looks at every request before it is executed. */
  judge: (request: string) => Verdict = () => undefined;
  /** Bodies of answers to what is about no node, by operation. */
  readonly answers: Map<string, (writer: JuteWriter) => void> = new Map();
  sessionId = 0x77n;
  /** The next handshake learns that its session is over, and the ephemeral nodes are gone. */
  expired = false;
  /** Handshakes are not answered. */
  silent = false;
  readonly #link: { current: ScriptedLink | null } = { current: null };
  #seen = 0;
  #lastZxid = 0n;

  async connect(options: ConnectOptions = {}, chroot = ''): Promise<ZooKeeperClient> {
    const opening = connect(`tree.test:2181${chroot}`, {
      clock: this.clock,
      random: () => 0,
      dialer: () => {
        this.#seen = 0;
        this.#link.current = new ScriptedLink();
        return Promise.resolve(this.#link.current);
      },
      ...options,
    });
    return this.until(opening);
  }

  /** Adds nodes, with those above them. */
  plant(...paths: readonly string[]): void {
    for (const path of paths) {
      for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) {
        this.#add(path.slice(0, end), 0n);
      }
      this.#add(path, 0n);
    }
  }

  get paths(): string[] {
    return [...this.nodes.keys()].filter((path) => path !== '/').sort();
  }

  /** Serves until the promise is settled; time passes meanwhile. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    promise.then(settle, settle);
    for (let turns = 0; !settled; turns++) {
      if (turns > 2000) throw new Error(`it goes on and on: ${this.requests.slice(-5).join(', ')}`);
      await this.turn();
    }
    return promise;
  }

  /** One turn of the event loop, and of the server. */
  async turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.clock.advance(10);
    this.clock.poll();
    this.#serve();
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** The connection breaks. */
  lose(): void {
    this.#link.current?.over();
  }

  #serve(): void {
    const link = this.#link.current;
    if (link === null || link.writes.length === 0 || this.silent) return;
    const frames = sentFrames(link.writes.slice(1));
    if (this.#seen === 0) this.#shakeHands(link);
    const fresh = frames.slice(Math.max(0, this.#seen - 1));
    this.#seen = frames.length + 1;
    this.inflightMax = Math.max(this.inflightMax, fresh.length);
    const answers: Buffer[] = [];
    let lost = false;
    for (const frame of fresh) {
      const answer = this.#answer(frame);
      if (answer === null) {
        lost = true;
        break;
      }
      answers.push(answer);
    }
    if (answers.length > 0) {
      this.roundTrips++;
      link.deliver(...answers);
    }
    if (lost) link.over();
  }

  #shakeHands(link: ScriptedLink): void {
    const reader = JuteReader.over(link.writes[0]!);
    reader.take(4);
    const { sessionId } = readConnectHandshake(reader);
    const isOver = sessionId !== 0n && this.expired;
    if (isOver) {
      this.expired = false;
      for (const [path, { owner }] of this.nodes) if (owner === sessionId) this.nodes.delete(path);
      this.sessionId++;
    }
    const writer = JuteWriter.standalone();
    writer.beginFrame();
    const password = Buffer.alloc(16);
    writeConnectAcceptance(
      writer,
      isOver ? 0 : 12_000,
      isOver ? 0n : this.sessionId,
      password,
      false,
    );
    writer.endFrame();
    link.deliver(writer.finished());
  }

  /** Null: the connection breaks instead. */
  #answer({ xid, op, body }: SentFrame): Buffer | null {
    const reader = JuteReader.over(body);
    const path = op > 0 && !NO_PATH.has(op) ? (reader.ustring() as string) : '';
    const request = `${operationName(op)} ${path}`.trim();
    if (op === OP.ping) return reply(-2);
    this.requests.push(request);
    const verdict = this.judge(request);
    if (verdict === 'lose') return null;
    const answer = typeof verdict === 'number' ? { err: verdict } : this.#execute(op, path, body);
    return verdict === 'lose-answer' ? null : reply(xid, { zxid: ++this.#lastZxid, ...answer });
  }

  #execute(op: number, path: string, body: Buffer): Parameters<typeof reply>[1] {
    switch (op) {
      case OP.create:
        return this.#create(readCreateRequest(JuteReader.over(body)));
      case OP.delete:
        return this.#delete(path);
      case OP.exists:
        return this.#read(path, (writer, stat) => writeStatOf(writer, stat));
      case OP.getData:
        return this.#read(path, (writer, stat) =>
          writeGetDataResponse(writer, Buffer.from(path), stat),
        );
      case OP.getChildren:
        return this.#read(path, (writer) => writeGetChildrenResponse(writer, this.children(path)));
      case OP.getChildren2:
        return this.#read(path, (writer, stat) =>
          writeGetChildren2Response(writer, this.children(path), stat),
        );
      case OP.sync:
        return { body: (writer) => writer.ustring(path) };
      default: {
        const body = this.answers.get(operationName(op));
        return body === undefined ? {} : { body };
      }
    }
  }

  #create({ path, acl, flags }: CreateRequest): Parameters<typeof reply>[1] {
    const asked = path as string;
    const parent = this.nodes.get(parentOf(asked));
    if (parent === undefined) return { err: NO_NODE };
    const sequential = flags === 2 || flags === 3;
    const made = sequential ? asked + String(parent.counter).padStart(10, '0') : asked;
    if (this.nodes.has(made)) return { err: NODE_EXISTS };
    parent.counter++;
    this.#add(made, flags === 1 || flags === 3 ? this.sessionId : 0n, acl?.[0]?.perms);
    return { body: (writer) => writer.ustring(made) };
  }

  #delete(path: string): Parameters<typeof reply>[1] {
    if (this.children(path).length > 0) return { err: NOT_EMPTY };
    return this.nodes.delete(path) ? {} : { err: NO_NODE };
  }

  #read(path: string, body: (writer: JuteWriter, stat: Stat) => void): Parameters<typeof reply>[1] {
    const node = this.nodes.get(path);
    if (node === undefined) return { err: NO_NODE };
    return { body: (writer) => body(writer, { ...STAT, ephemeralOwner: node.owner }) };
  }

  children(path: string): string[] {
    const prefix = path === '/' ? '/' : `${path}/`;
    const below = this.paths.filter((each) => each.startsWith(prefix));
    return below.map((each) => each.slice(prefix.length)).filter((name) => !name.includes('/'));
  }

  #add(path: string, owner: bigint, perms = 31): void {
    if (!this.nodes.has(path)) this.nodes.set(path, { owner, perms, counter: 0 });
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}
