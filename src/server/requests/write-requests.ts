import {
  type JuteReader,
  JuteWriter,
  OP,
  readCheckVersionRequest,
  readCreateRequest,
  readCreateTTLRequest,
  readDeleteRequest,
  readMultiRequest,
  readReconfigRequest,
  readSetACLRequest,
  readSetDataRequest,
  SERVER_CODE,
  STAT_BYTES,
  writeMultiHeader,
} from '../../codec/index.ts';
import { WireError } from '../../errors.ts';
import type { ServerConnection } from '../connection.ts';
import type { ServerCore } from '../server-core.ts';
import type { ServerRelease } from '../server-release.ts';
import type { TreeListener } from '../tree/data-tree.ts';
import type { ErrorTxn, MultiTxn, Txn } from '../tree/txn.ts';
import { writeStat, type ZNode } from '../tree/znode.ts';
import { prepare, type WriteRequest } from './prepare.ts';
import { isLostOn39, tripsBeforehand } from './prepare-multi.ts';

/**
 * Requests that change something. Each takes a zxid and becomes a transaction, also one that is
 * refused: then an error transaction. The two that real servers trip over earlier become none.
 */

const { MARSHALLINGERROR } = SERVER_CODE;

const UNREADABLE: ErrorTxn = Object.freeze({ type: OP.error, code: MARSHALLINGERROR });

/** Reads the request, checks it, makes the change, and answers. */
export function write(
  core: ServerCore,
  connection: ServerConnection,
  xid: number,
  op: number,
): void {
  const request = readOrNull(core.reader, op);
  const { release } = core.options;
  if (request === null ? isReadFirst(op, release) : isLost(request, release)) {
    core.refuse(connection, xid, MARSHALLINGERROR);
    return;
  }
  connection.batch.writes++;
  if (release === '3.8' && request?.op === OP.multi && tripsBeforehand(request.operations)) {
    core.skipZxid(connection.sessionId, xid);
    refuseWithNoResults(core, connection, xid);
    return;
  }
  const { sessionId, ids } = connection;
  const header = core.header(sessionId, xid);
  const requester = { sessionId, ids: ids.list };
  const txn = request === null ? UNREADABLE : prepare(core, requester, request);
  if (txn.type === OP.error) {
    // Nothing that the words name is done.
    connection.batch.op = OP.error;
    core.commit(header, txn);
    core.refuse(connection, xid, txn.code);
  } else if (txn.type === OP.multi) {
    const stats = new ResultStats(core.watches);
    core.commit(header, txn, stats);
    answerMulti(core, connection, xid, txn, stats);
  } else {
    core.commit(header, txn);
    answer(core, connection, xid, op, txn);
  }
}

/** Whether real servers read such a request before they give it a zxid. */
function isReadFirst(op: number, release: ServerRelease): boolean {
  return op === OP.reconfig || (release === '3.9' && op !== OP.multi);
}

/** Whether they trip over it before that, though we can read it. */
function isLost(request: WriteRequest, release: ServerRelease): boolean {
  return release === '3.9' && request.op === OP.multi && isLostOn39(request.operations);
}

/** Null: it cannot be read. */
function readOrNull(reader: JuteReader, op: number): WriteRequest | null {
  try {
    return readRequest(reader, op);
  } catch (cause) {
    if (cause instanceof WireError) return null;
    throw cause;
  }
}

/** As real servers answer what they trip over: with the end of a list of results behind the error. */
function refuseWithNoResults(core: ServerCore, connection: ServerConnection, xid: number): void {
  const writer = connection.output.reply(xid, core.tree.lastZxid, MARSHALLINGERROR);
  writeMultiHeader(writer, -1, true, -1);
  connection.output.commit();
}

function readRequest(reader: JuteReader, op: number): WriteRequest {
  switch (op) {
    case OP.create:
    case OP.create2:
    case OP.createContainer:
      return { op, ...readCreateRequest(reader) };
    case OP.createTTL:
      return { op, ...readCreateTTLRequest(reader) };
    case OP.delete:
      return { op, ...readDeleteRequest(reader) };
    case OP.deleteContainer:
      return { op };
    case OP.setData:
      return { op, ...readSetDataRequest(reader) };
    case OP.setACL:
      return { op, ...readSetACLRequest(reader) };
    case OP.check:
      return { op, ...readCheckVersionRequest(reader) };
    case OP.reconfig:
      return { op, ...readReconfigRequest(reader) };
    case OP.multi:
      return { op, operations: readMultiRequest(reader) };
    default:
      throw new RangeError(`operation ${op} is no write`);
  }
}

function answer(
  core: ServerCore,
  connection: ServerConnection,
  xid: number,
  op: number,
  txn: Txn,
): void {
  const writer = core.answer(connection, xid);
  switch (txn.type) {
    case OP.create:
    case OP.create2:
    case OP.createContainer:
    case OP.createTTL:
      writer.ustring(txn.path);
      // Its data as they were sent: a node of a quota has others by now.
      if (op !== OP.create) {
        writeStat(writer, core.tree.node(txn.path) as ZNode, txn.data?.length ?? 0);
      }
      break;
    case OP.setData:
    case OP.setACL:
      writeStat(writer, core.tree.node(txn.path) as ZNode);
      break;
    default:
      break;
  }
  connection.output.commit();
}

/** Every result by its own type: create2 as create where the release does so (ZOOKEEPER-4026). */
function answerMulti(
  core: ServerCore,
  connection: ServerConnection,
  xid: number,
  { txns }: MultiTxn,
  stats: ResultStats,
): void {
  const writer = core.answer(connection, xid);
  for (const txn of txns) {
    switch (txn.type) {
      case OP.create:
        writeMultiHeader(writer, OP.create, false, 0);
        writer.ustring(txn.path);
        stats.skip();
        break;
      case OP.create2:
      case OP.createContainer:
      case OP.createTTL:
        writeMultiHeader(writer, OP.create2, false, 0);
        writer.ustring(txn.path);
        stats.copyNext(writer);
        break;
      case OP.setData:
        writeMultiHeader(writer, OP.setData, false, 0);
        stats.copyNext(writer);
        break;
      case OP.delete:
      case OP.deleteContainer:
        writeMultiHeader(writer, OP.delete, false, 0);
        break;
      case OP.error:
        writeMultiHeader(writer, OP.error, false, txn.code);
        writer.int(txn.code);
        break;
      default:
        writeMultiHeader(writer, txn.type, false, 0);
    }
  }
  writeMultiHeader(writer, -1, true, -1);
  connection.output.commit();
}

/** Stats as they are right after each operation of a multi: the next one may change them again. */
class ResultStats implements TreeListener {
  readonly #watches: TreeListener;
  readonly #stats: JuteWriter = JuteWriter.standalone(4 * STAT_BYTES);
  #next = 0;

  constructor(watches: TreeListener) {
    this.#watches = watches;
  }

  created(path: string, parent: string, node: ZNode, parentNode: ZNode, zxid: bigint): void {
    writeStat(this.#stats, node);
    this.#watches.created(path, parent, node, parentNode, zxid);
  }

  deleted(path: string, parent: string, node: ZNode, parentNode: ZNode, zxid: bigint): void {
    this.#watches.deleted(path, parent, node, parentNode, zxid);
  }

  dataChanged(path: string, node: ZNode, zxid: bigint): void {
    writeStat(this.#stats, node);
    this.#watches.dataChanged(path, node, zxid);
  }

  skip(): void {
    this.#next += STAT_BYTES;
  }

  copyNext(writer: JuteWriter): void {
    const at = writer.reserve(STAT_BYTES);
    this.#stats.bytes.copy(writer.bytes, at, this.#next, this.#next + STAT_BYTES);
    this.#next += STAT_BYTES;
  }
}
