import {
  type ACL,
  multiFailure,
  OP,
  readMultiResponse,
  writeAddWatchRequest,
  writeCheckWatchesRequest,
  writeCreateRequest,
  writeDeleteRequest,
  writeExistsRequest,
  writeGetChildrenRequest,
  writeGetDataRequest,
  writeMultiRequest,
  writeRemoveWatchesRequest,
  writeSetACLRequest,
  writeSetDataRequest,
  writeSetWatches2,
} from '../../../src/codec/index.ts';
import type { ServerRelease } from '../../../src/server/server-release.ts';
import { DataTree } from '../../../src/server/tree/data-tree.ts';
import type { PlainTxn, Txn } from '../../../src/server/tree/txn.ts';
import { type WatchedPaths, WatchTables } from '../../../src/server/watches/watch-tables.ts';
import type { Watcher } from '../../../src/server/watches/watcher.ts';
import type { RandomSource } from '../../conformance/random-source.ts';
import type { RawSession } from './raw-session.ts';

const NONODE = -101;
const NOWATCHER = -121;
const MARSHALLINGERROR = -5;
const READ = 1;
const ALL = 31;

/** A client of the real server, and what ours tells in its place. */
class Seat implements Watcher {
  readonly session: RawSession;
  readonly told: string[] = [];

  constructor(session: RawSession) {
    this.session = session;
  }

  notify(type: number, path: string, zxid: bigint, acl: readonly ACL[] | null): void {
    if (acl !== null && !acl.some(({ perms }) => (perms & READ) !== 0)) return;
    this.told.push(zxid === -1n ? `${type} ${path}` : `${type} ${path} ${zxid}`);
  }
}

/**
 * Does the same at random on a real server and on our tree and watches. What is a write, and whether
 * it succeeds, the real server decides; codes of requests about watches and all events are compared.
 */
export class WatchModel {
  readonly tables: WatchTables;
  /** What was done, and what came, of both. */
  readonly real: string[] = [];
  readonly ours: string[] = [];
  readonly #tree: DataTree = new DataTree();
  readonly #seats: readonly Seat[];
  readonly #random: RandomSource;
  readonly #root: string;
  readonly #paths: readonly string[];

  constructor(
    release: ServerRelease,
    sessions: readonly RawSession[],
    random: RandomSource,
    root: string,
  ) {
    this.tables = new WatchTables(release);
    this.#seats = sessions.map((session) => new Seat(session));
    this.#random = random;
    this.#root = root;
    this.#paths = ['', '/a', '/b', '/a/c', '/a/c/d'].map((path) => root + path);
  }

  async start(): Promise<void> {
    await this.#write(this.#seats[0]!, this.#create(this.#root));
  }

  /** One request of one of the clients; afterwards all of them have what was meant for them. */
  async step(): Promise<void> {
    const seat = this.#one(this.#seats);
    const path = this.#one(this.#paths);
    const kinds = [
      () => this.#readWatch(seat, path),
      () => this.#readWatch(seat, path),
      () => this.#addWatch(seat, path),
      () => this.#checkOrRemove(seat, path),
      () => this.#checkOrRemove(seat, path),
      () => this.#setWatches(seat),
      () => this.#write(seat, this.#create(path)),
      () => this.#write(seat, this.#create(path)),
      () => this.#write(seat, { type: OP.delete, path }),
      () => this.#write(seat, { type: OP.setData, path, data: null, version: 0 }),
      () => this.#write(seat, this.#setAcl(path)),
      () => this.#multi(seat),
    ];
    await this.#one(kinds)();
    for (const [index, { session, told }] of this.#seats.entries()) {
      // Whatever was told before lies in front of this answer.
      await session.code(OP.exists, (w) => writeExistsRequest(w, '/', false));
      const events = session.events.splice(0);
      if (events.length > 0) this.real.push(`  ${index} hears ${events.join(', ')}`);
      const ours = told.splice(0);
      if (ours.length > 0) this.ours.push(`  ${index} hears ${ours.join(', ')}`);
    }
  }

  async #readWatch(seat: Seat, path: string): Promise<void> {
    const kind = this.#random(3);
    const { session } = seat;
    if (kind === 0) {
      const code = await session.code(OP.getData, (w) => writeGetDataRequest(w, path, true));
      if (code === 0) this.tables.addData(path, seat);
      this.#note(seat, `getData ${path}`, code);
    } else if (kind === 1) {
      const code = await session.code(OP.exists, (w) => writeExistsRequest(w, path, true));
      if (code === 0 || code === NONODE) this.tables.addData(path, seat);
      this.#note(seat, `exists ${path}`, code);
    } else {
      const write = OP.getChildren;
      const code = await session.code(write, (w) => writeGetChildrenRequest(w, path, true));
      if (code === 0) this.tables.addChild(path, seat);
      this.#note(seat, `getChildren ${path}`, code);
    }
  }

  async #addWatch(seat: Seat, path: string): Promise<void> {
    const mode = this.#random(2);
    const code = await seat.session.code(OP.addWatch, (w) => writeAddWatchRequest(w, path, mode));
    this.tables.addPersistent(path, seat, mode === 1);
    this.#note(seat, `addWatch ${mode} ${path}`, code, 0);
  }

  async #checkOrRemove(seat: Seat, known: string): Promise<void> {
    const type = this.#random(7);
    const path = this.#random(10) === 0 ? this.#one(['', '/', 'x', 'x/y']) : known;
    const { tables } = this;
    if (this.#random(2) === 0) {
      const code = await seat.session.code(OP.checkWatches, (w) =>
        writeCheckWatchesRequest(w, path, type),
      );
      const isRefused = !tables.isType(type) || tables.tripsOver(path, type);
      const found = isRefused || tables.contains(path, seat, type);
      const ours = isRefused ? MARSHALLINGERROR : found ? 0 : NOWATCHER;
      this.#note(seat, `check ${type} ${path}`, code, ours);
      return;
    }
    const code = await seat.session.code(OP.removeWatches, (w) =>
      writeRemoveWatchesRequest(w, path, type),
    );
    const isType = tables.isType(type);
    const isRemoved = isType && tables.remove(path, seat, type);
    const ours = isRemoved ? 0 : isType ? NOWATCHER : MARSHALLINGERROR;
    this.#note(seat, `remove ${type} ${path}`, code, ours);
  }

  /** On a new connection of the session, or on the same: servers take both. */
  async #setWatches(seat: Seat): Promise<void> {
    const { session } = seat;
    const isNew = this.#random(2) === 0;
    if (isNew) {
      this.tables.removeWatcher(seat);
      await session.reconnect();
    }
    const some = (): string[] => this.#paths.filter(() => this.#random(3) === 0);
    const paths: WatchedPaths = {
      data: some(),
      exist: some(),
      child: some(),
      persistent: this.#random(3) === 0 ? some() : [],
      recursive: this.#random(3) === 0 ? some() : [],
    };
    const seen = this.#tree.lastZxid - BigInt(this.#random(10));
    const code = await session.code(OP.setWatches2, (w) =>
      writeSetWatches2(
        w,
        seen,
        paths.data,
        paths.exist,
        paths.child,
        paths.persistent,
        paths.recursive,
      ),
    );
    this.tables.setWatches(this.#tree, seen, paths, seat);
    this.#note(seat, `setWatches ${isNew} ${seen} ${JSON.stringify(paths)}`, code, 0);
  }

  async #write(seat: Seat, txn: PlainTxn): Promise<void> {
    const { session } = seat;
    const code = await session.code(txn.type, (writer) => {
      if (txn.type === OP.create) writeCreateRequest(writer, txn.path, null, [...txn.acl], 0);
      else if (txn.type === OP.delete) writeDeleteRequest(writer, txn.path, -1);
      else if (txn.type === OP.setData) writeSetDataRequest(writer, txn.path, null, -1);
      else if (txn.type === OP.setACL) writeSetACLRequest(writer, txn.path, [...txn.acl], -1);
    });
    if (code === 0) this.#apply(seat, txn);
    this.#note(seat, `write ${describe(txn)}`, code);
  }

  async #multi(seat: Seat): Promise<void> {
    const path = this.#one(this.#paths);
    const below = this.#one(this.#paths);
    const set = (of: string): PlainTxn => ({ type: OP.setData, path: of, data: null, version: 0 });
    const txns = this.#one<() => PlainTxn[]>([
      () => [this.#create(path), set(path), this.#create(`${path}/a`)],
      () => [set(path), set(below), set(path)],
      () => [{ type: OP.delete, path }, this.#create(path)],
      () => [this.#create(`${path}/x`), { type: OP.delete, path: `${path}/x` }],
    ])();
    const operations = txns.map((txn) => {
      if (txn.type === OP.create) {
        return { op: txn.type, path: txn.path, data: null, acl: [...txn.acl], flags: 0 } as const;
      }
      if (txn.type === OP.delete) return { op: txn.type, path: txn.path, version: -1 } as const;
      return {
        op: OP.setData,
        path: (txn as { path: string }).path,
        data: null,
        version: -1,
      } as const;
    });
    const results = await seat.session.ask(
      OP.multi,
      (writer) => writeMultiRequest(writer, operations),
      readMultiResponse,
    );
    const { err } = multiFailure(results);
    if (err === 0) this.#apply(seat, { type: OP.multi, txns });
    this.#note(seat, `multi ${txns.map(describe).join(', ')}`, err);
  }

  /** `ours` is given where it is not the real server that decides. */
  #note(seat: Seat, what: string, real: number, ours: number = real): void {
    const who = this.#seats.indexOf(seat);
    this.real.push(`${who} ${what}: ${real}`);
    this.ours.push(`${who} ${what}: ${ours}`);
  }

  #apply(seat: Seat, txn: Txn): void {
    const header = { sessionId: 1n, cxid: 0, zxid: seat.session.zxid, timeMs: 0 };
    this.#tree.apply(header, txn, this.tables);
  }

  #create(path: string): PlainTxn {
    const acl = aclOf(this.#random(5) > 0);
    return { type: OP.create, path, data: null, acl, ephemeral: false, parentCversion: -1 };
  }

  #setAcl(path: string): PlainTxn {
    return { type: OP.setACL, path, acl: aclOf(this.#random(2) === 0), version: 0 };
  }

  #one<T>(of: readonly T[]): T {
    return of[this.#random(of.length)] as T;
  }
}

/** Everything is allowed to everybody, reading perhaps excepted. */
function aclOf(isReadable: boolean): readonly ACL[] {
  const perms = isReadable ? ALL : ALL & ~READ;
  return [{ perms, id: { scheme: 'world', id: 'anyone' } }];
}

function describe(txn: PlainTxn): string {
  const perms = 'acl' in txn ? ` ${txn.acl[0]?.perms}` : '';
  return `${txn.type} ${'path' in txn ? txn.path : ''}${perms}`;
}
