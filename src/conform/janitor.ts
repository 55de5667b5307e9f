import { SERVER_CODE } from '../codec/index.ts';
import type { Reply } from './reply.ts';
import { auth, create, getChildren, remove, type WireRequest } from './requests.ts';
import { Transcript } from './transcript.ts';
import { type Dialer, WireConnection } from './wire-connection.ts';
import { WireSession } from './wire-session.ts';

/** The identity that checks give themselves where a node is not open to all; the janitor has it too. */
export const OWNER_CREDENTIAL = 'zkwire-conform:owner';

/** Requests that one clean-up may take: a bound for a server that always has one more child. */
const REQUESTS_MAX = 100_000;

/** Makes the znodes of checks before they run, and removes what they leave. */
export class Janitor {
  readonly #dialer: Dialer;
  readonly #timeoutMs: number;
  #session: WireSession | null = null;

  constructor(dialer: Dialer, timeoutMs: number) {
    this.#dialer = dialer;
    this.#timeoutMs = timeoutMs;
  }

  /** Makes a znode that is open to everybody. */
  async make(path: string): Promise<void> {
    const reply = await this.#call(create(path, { data: null }));
    // After a connection that ended in between, the first attempt may have been the one.
    if (reply.err !== SERVER_CODE.NODEEXISTS) reply.ok();
  }

  /** Whether there is such a znode. */
  async has(path: string): Promise<boolean> {
    return (await this.#call(getChildren(path))).err === 0;
  }

  /** Removes a znode with all that is below it. Gives what could not be removed. */
  async remove(path: string): Promise<string[]> {
    const stuck: string[] = [];
    let requests = 0;
    const visit = async (node: string): Promise<void> => {
      if (requests++ > REQUESTS_MAX) return;
      const first = await this.#call(remove(node));
      if (first.err === SERVER_CODE.NOTEMPTY) {
        const listed = await this.#call(getChildren(node));
        for (const name of listed.err === 0 ? listed.children() : [])
          await visit(`${node}/${name}`);
        const second = await this.#call(remove(node));
        if (second.err !== 0 && second.err !== SERVER_CODE.NONODE) stuck.push(node);
      } else if (first.err !== 0 && first.err !== SERVER_CODE.NONODE) {
        stuck.push(node);
      }
    };
    await visit(path);
    return stuck;
  }

  /** Closes the session. */
  async end(): Promise<void> {
    await this.#session?.close();
  }

  /** Tries once more on a new session: the old one may have expired while nothing was to be done. */
  async #call(request: WireRequest): Promise<Reply> {
    const session = this.#session;
    if (session !== null && !session.connection.ended) {
      try {
        return await session.call(request);
      } catch {
        session.connection.destroy();
      }
    }
    this.#session = await this.#open();
    return this.#session.call(request);
  }

  /** A server that takes no credentials has no znodes that are closed to anybody: one without is as good. */
  async #open(): Promise<WireSession> {
    const session = await this.#newSession();
    try {
      await session.ok(auth('digest', OWNER_CREDENTIAL));
      return session;
    } catch {
      // A refused credential ends the session on most servers.
      await session.close(this.#timeoutMs);
      return this.#newSession();
    }
  }

  async #newSession(): Promise<WireSession> {
    const connection = await WireConnection.open(this.#dialer, new Transcript(), this.#timeoutMs);
    try {
      return await WireSession.open(connection);
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }
}
