import {
  type DecodedMultiOperation,
  type JuteWriter,
  OP,
  readMultiRequest,
  SERVER_CODE,
  writeGetAllChildrenNumberResponse,
  writeGetChildrenResponse,
  writeMultiHeader,
} from '../../codec/index.ts';
import { maskedAcl } from '../auth/masked-acl.ts';
import { PERMISSION } from '../auth/permissions.ts';
import type { ServerConnection } from '../connection.ts';
import { writeJavaString } from '../java-string.ts';
import type { ServerCore } from '../server-core.ts';
import { writeStat, type ZNode } from '../tree/znode.ts';

/**
 * Requests that change nothing: each reads its arguments from `core.reader`, answers, and gives 0;
 * or answers nothing and gives the server code of its refusal.
 */

const { READ, ADMIN } = PERMISSION;
const { NONODE, NOAUTH, BADARGUMENTS, MARSHALLINGERROR } = SERVER_CODE;

/** The Stat of a znode. Its ACL was not looked at before 3.9.2 and 3.8.4. */
export function exists(core: ServerCore, connection: ServerConnection, xid: number): number {
  const { reader } = core;
  const path = reader.ustring();
  const watch = reader.bool();
  if (path === null) return MARSHALLINGERROR;
  if (path.includes('\0')) return BADARGUMENTS;
  const node = core.tree.node(path);
  if (core.options.release !== '3.8' && node !== undefined && !mayRead(core, connection, node)) {
    return NOAUTH;
  }
  // On a path without a znode too: the watch then waits for it to be made.
  if (watch) core.watches.addData(path, connection);
  if (node === undefined) return NONODE;
  writeStat(core.answer(connection, xid), node);
  connection.output.commit();
  return 0;
}

/** Data and Stat. */
export function getData(core: ServerCore, connection: ServerConnection, xid: number): number {
  const { reader } = core;
  const path = reader.ustring();
  const watch = reader.bool();
  if (path === null) return MARSHALLINGERROR;
  const node = core.tree.node(path);
  if (node === undefined) return NONODE;
  if (!mayRead(core, connection, node)) return NOAUTH;
  if (watch) core.watches.addData(path, connection);
  const writer = core.answer(connection, xid);
  writer.buffer(node.data);
  writeStat(writer, node);
  connection.output.commit();
  return 0;
}

/** Names of the children, in the order of a real server. */
export function getChildren(core: ServerCore, connection: ServerConnection, xid: number): number {
  return children(core, connection, xid, false);
}

/** Names of the children, and the Stat of their parent. */
export function getChildren2(core: ServerCore, connection: ServerConnection, xid: number): number {
  return children(core, connection, xid, true);
}

function children(
  core: ServerCore,
  connection: ServerConnection,
  xid: number,
  withStat: boolean,
): number {
  const { reader } = core;
  const path = reader.ustring();
  const watch = reader.bool();
  if (path === null) return MARSHALLINGERROR;
  const node = core.tree.node(path);
  if (node === undefined) return NONODE;
  if (!mayRead(core, connection, node)) return NOAUTH;
  if (watch) core.watches.addChild(path, connection);
  const writer = core.answer(connection, xid);
  writeGetChildrenResponse(writer, node.childNames);
  if (withStat) writeStat(writer, node);
  connection.output.commit();
  return 0;
}

/** The ACL; whoever may not change it sees no digests (CVE-2019-0201). */
export function getAcl(core: ServerCore, connection: ServerConnection, xid: number): number {
  const path = core.reader.ustring();
  if (path === null) return MARSHALLINGERROR;
  const node = core.tree.node(path);
  if (node === undefined) return NONODE;
  if (!core.access.allows(node.acl, READ | ADMIN, connection.ids.list)) return NOAUTH;
  const acl = core.access.allows(node.acl, ADMIN, connection.ids.list)
    ? node.acl
    : maskedAcl(node.acl);
  const writer = core.answer(connection, xid);
  writer.count(acl.length);
  for (const { perms, id } of acl) {
    writer.int(perms);
    writeJavaString(writer, id.scheme);
    writeJavaString(writer, id.id);
  }
  writeStat(writer, node);
  connection.output.commit();
  return 0;
}

/** One server is never behind itself: the path comes back, whatever it is. */
export function sync(core: ServerCore, connection: ServerConnection, xid: number): number {
  const path = core.reader.ustring();
  writeJavaString(core.answer(connection, xid), path);
  connection.output.commit();
  return 0;
}

/** How many znodes are below a path. */
export function getAllChildrenNumber(
  core: ServerCore,
  connection: ServerConnection,
  xid: number,
): number {
  const path = core.reader.ustring();
  if (path === null) return MARSHALLINGERROR;
  const node = core.tree.node(path);
  if (node === undefined) return NONODE;
  if (!mayRead(core, connection, node)) return NOAUTH;
  // The root goes by the empty name too, and by that name is below itself.
  const count = core.tree.descendantsOf(path) + (path === '' ? 1 : 0);
  writeGetAllChildrenNumberResponse(core.answer(connection, xid), count);
  connection.output.commit();
  return 0;
}

/** Ephemeral znodes of the session whose path begins with a prefix. */
export function getEphemerals(core: ServerCore, connection: ServerConnection, xid: number): number {
  const prefix = core.reader.ustring();
  const paths = core.tree.ephemeralPaths(connection.sessionId, prefix);
  writeGetChildrenResponse(core.answer(connection, xid), paths);
  connection.output.commit();
  return 0;
}

/** Who the server takes the client for. */
export function whoAmI(core: ServerCore, connection: ServerConnection, xid: number): number {
  const writer = core.answer(connection, xid);
  const infos = core.access.clientInfos(connection.ids.list);
  writer.count(infos.length);
  for (const { authScheme, user } of infos) {
    writeJavaString(writer, authScheme);
    writeJavaString(writer, user);
  }
  connection.output.commit();
  return 0;
}

/** Where the err of a reply stands, behind its length, xid and zxid. */
const REPLY_ERR_AT = 16;

/** A request of a megabyte can ask for 40,000 megabytes: the answer stops here, a real server at the end of its memory. */
const MULTI_READ_BYTES_MAX: number = 64 * 1024 * 1024;

/** The same where other clients have left too much unread. */
const MULTI_READ_BYTES_SCARCE: number = 1024 * 1024;

/**
 * Several getData and getChildren, each with its own result. Watches are not set. What cannot be
 * answered ends the answer there: as on real servers, with its code in the header and the results so
 * far behind it.
 */
export function multiRead(core: ServerCore, connection: ServerConnection, xid: number): number {
  const operations = readMultiRequest(core.reader);
  const reads = operations.filter(isRead).length;
  if (reads > 0 && reads < operations.length) return MARSHALLINGERROR;
  const { output } = connection;
  const bytesMax = core.budget.allows(output.sharedBytes)
    ? MULTI_READ_BYTES_MAX
    : MULTI_READ_BYTES_SCARCE;
  const writer = core.answer(connection, xid);
  let code = 0;
  for (const operation of operations) {
    const { path } = operation;
    if (path === null || !isRead(operation) || writer.offset > bytesMax) {
      code = MARSHALLINGERROR;
      break;
    }
    writeReadResult(core, connection, writer, operation.op, path);
  }
  writeMultiHeader(writer, -1, true, -1);
  writer.view.setInt32(writer.frameStart + REPLY_ERR_AT, code);
  output.commit();
  return 0;
}

function isRead({ op }: DecodedMultiOperation): boolean {
  return op === OP.getData || op === OP.getChildren;
}

function writeReadResult(
  core: ServerCore,
  connection: ServerConnection,
  writer: JuteWriter,
  op: number,
  path: string,
): void {
  const node = core.tree.node(path);
  const code = node === undefined ? NONODE : mayRead(core, connection, node) ? 0 : NOAUTH;
  writeMultiHeader(writer, code === 0 ? op : OP.error, false, code);
  if (code !== 0) {
    writer.int(code);
  } else if (op === OP.getData) {
    writer.buffer((node as ZNode).data);
    writeStat(writer, node as ZNode);
  } else {
    writeGetChildrenResponse(writer, (node as ZNode).childNames);
  }
}

function mayRead(core: ServerCore, connection: ServerConnection, node: ZNode): boolean {
  return core.access.allows(node.acl, READ, connection.ids.list);
}
