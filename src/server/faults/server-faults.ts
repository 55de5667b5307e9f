import { type OperationName, operationName, SERVER_CODE } from '../../codec/index.ts';
import type { ServerConnection } from '../connection.ts';
import type { ServerCore } from '../server-core.ts';
import { checkFault, checkMatch } from './fault-checks.ts';
import { requestPath } from './request-path.ts';

/** Which requests a fault is for. What is left out matches all. */
export interface FaultMatch {
  /** `getData`, `create`, ...; as the protocol names them. */
  readonly op?: OperationName | readonly OperationName[] | undefined;
  /** Path of the request, chroot included; requests without one (multi, ping) do not match. */
  readonly path?: string | RegExp | undefined;
  /** Session that asks. */
  readonly sessionId?: bigint | undefined;
  /** So many requests that match are let pass first. Default 0. */
  readonly after?: number | undefined;
  /** So many are hit, then the fault is over. Default 1; `Infinity`: until it is removed. */
  readonly times?: number | undefined;
}

/** What becomes of a request. `before`: it is not executed; `after`: it is, and its reply does not leave. */
export type Fault =
  /** It is executed and answered so many ms later, and with it everything behind it on its connection. */
  | { readonly delayMs: number }
  /** It is not executed, and answered with this code: a name such as `THROTTLEDOP`, or any number but 0. */
  | { readonly answer: keyof typeof SERVER_CODE | number }
  /** Its connection is cut. */
  | { readonly cut: 'before' | 'after' }
  /** Its connection stays open, and is silent for ever: nothing is read from it, nothing sent. */
  | { readonly mute: 'before' | 'after' }
  /** Its session expires before it, and the connection is cut. */
  | { readonly expire: true };

/** A fault that was asked for. */
export interface InjectedFault {
  /** Requests that it has hit so far. */
  readonly hits: number;
  /** Resolves when it has hit for the first time. */
  readonly hit: Promise<void>;
  /** No more requests are hit. */
  remove(): void;
}

/** A fault, and what is left of it. */
interface Entry {
  readonly match: FaultMatch;
  readonly ops: ReadonlySet<string> | null;
  readonly fault: Fault;
  toPass: number;
  toHit: number;
  hits: number;
  onHit: () => void;
}

/**
 * Faults on purpose, for tests of clients: of one request, of one session, or of the whole server.
 * A server that has none set pays one comparison a request.
 */
export class ServerFaults {
  readonly #core: ServerCore;
  readonly #entries: Entry[] = [];

  /** @internal it is `server.faults` */
  constructor(core: ServerCore) {
    this.#core = core;
  }

  /**
   * The first fault that matches a request hits it. They are tried in the order in which they were asked for.
   * Throws a ZkwireError `BAD_ARGUMENT` for a match or a fault that makes no sense.
   */
  inject(match: FaultMatch, fault: Fault): InjectedFault {
    checkMatch(match);
    checkFault(fault);
    const { op, after = 0, times = 1 } = match;
    const ops = op === undefined ? null : new Set<string>(typeof op === 'string' ? [op] : op);
    const entry: Entry = {
      match,
      ops,
      fault,
      toPass: after,
      toHit: times,
      hits: 0,
      onHit: () => undefined,
    };
    const hit = new Promise<void>((resolve) => {
      entry.onHit = resolve;
    });
    this.#entries.push(entry);
    this.#core.intercept = this.#intercept;
    return {
      get hits() {
        return entry.hits;
      },
      hit,
      remove: () => this.#remove(entry),
    };
  }

  /** Removes all that were injected. */
  clear(): void {
    this.#entries.length = 0;
    this.#core.intercept = null;
  }

  /** The session expires now: its ephemeral znodes go, its connection is cut. False when there is none with that id. */
  expireSession(sessionId: bigint): boolean {
    const session = this.#core.sessions.get(sessionId);
    if (session === undefined) return false;
    this.#core.expire(session);
    return true;
  }

  /** Cuts the connection of one session, or all connections. The sessions stay. Gives how many there were. */
  cut(sessionId?: bigint): number {
    const connections = [...this.#core.connections].filter(
      (connection) => sessionId === undefined || connection.sessionId === sessionId,
    );
    for (const connection of connections) connection.drop('cut on purpose');
    return connections.length;
  }

  /**
   * The server stands still as if its process were stopped: connections are accepted by the system and
   * nothing is read, answered or expired until `thaw`.
   */
  freeze(): void {
    this.#core.freeze();
  }

  /** Ends `freeze`. */
  thaw(): void {
    this.#core.thaw();
  }

  /** Whether the request was taken care of: it must not be executed. The core's reader stands behind its header. */
  readonly #intercept = (connection: ServerConnection, xid: number, op: number): boolean => {
    const entry = this.#matching(connection, op);
    if (entry === undefined) return false;
    entry.hits++;
    if (--entry.toHit <= 0) this.#remove(entry);
    entry.onHit();
    return this.#apply(entry.fault, connection, xid, op);
  };

  #matching(connection: ServerConnection, op: number): Entry | undefined {
    const name = operationName(op);
    for (const entry of this.#entries) {
      const { match, ops } = entry;
      if (ops !== null && !ops.has(name)) continue;
      if (match.sessionId !== undefined && match.sessionId !== connection.sessionId) continue;
      if (match.path !== undefined && !isPath(requestPath(this.#core.reader, op), match.path)) {
        continue;
      }
      if (entry.toPass > 0) entry.toPass--;
      else return entry;
    }
    return undefined;
  }

  #apply(fault: Fault, connection: ServerConnection, xid: number, op: number): boolean {
    const core = this.#core;
    if ('delayMs' in fault) {
      connection.postpone(fault.delayMs, xid, op);
    } else if ('answer' in fault) {
      const { answer } = fault;
      core.refuse(connection, xid, typeof answer === 'number' ? answer : SERVER_CODE[answer]);
    } else if ('cut' in fault) {
      if (fault.cut === 'after') core.execute(connection, xid, op);
      connection.drop('cut on purpose');
    } else if ('mute' in fault) {
      connection.mute(() => fault.mute === 'after' && core.execute(connection, xid, op));
    } else {
      this.expireSession(connection.sessionId);
    }
    return true;
  }

  #remove(entry: Entry): void {
    const index = this.#entries.indexOf(entry);
    if (index >= 0) this.#entries.splice(index, 1);
    if (this.#entries.length === 0) this.#core.intercept = null;
  }
}

function isPath(path: string | null, wanted: string | RegExp): boolean {
  if (path === null) return false;
  // Not `test`, which goes on where the last match of an expression with the flag g has ended.
  return typeof wanted === 'string' ? path === wanted : path.search(wanted) >= 0;
}
