import { OP, SERVER_CODE, XID_PING } from '../../codec/index.ts';
import { WireError } from '../../errors.ts';
import type { ServerConnection } from '../connection.ts';
import type { ServerCore } from '../server-core.ts';
import { addAuth } from './auth-requests.ts';
import * as reads from './read-requests.ts';
import { saslToken } from './sasl-requests.ts';
import { closeSession } from './session-requests.ts';
import * as watching from './watch-requests.ts';
import { write } from './write-requests.ts';

const { MARSHALLINGERROR, UNIMPLEMENTED, NOTREADONLY, SESSIONCLOSEDREQUIRESASLAUTH } = SERVER_CODE;

const NO_ZXID = -1n;
const ZERO_ZXID = 0n;

/** Which request is it? The core's reader stands behind its header. Throws a WireError when it cannot be read and is to be refused. */
export function dispatch(
  core: ServerCore,
  connection: ServerConnection,
  xid: number,
  op: number,
): void {
  if (op === OP.auth) {
    isNoRequest(core, connection);
    readAtOnce(connection, () => addAuth(core, connection, xid));
  } else if (op === OP.sasl) {
    isNoRequest(core, connection);
    readAtOnce(connection, () => saslToken(core, connection, xid));
  } else if (core.options.enforcedAuthSchemes.size > 0 && !hasLoggedIn(core, connection)) {
    isNoRequest(core, connection);
    core.hangUp(connection, xid, ZERO_ZXID, SESSIONCLOSEDREQUIRESASLAUTH);
  } else {
    const code = answer(core, connection, xid, op);
    if (code !== 0) core.refuse(connection, xid, code);
  }
}

/** Real servers answer it before it becomes a request: it counts as a packet, and among no latencies. */
function isNoRequest(core: ServerCore, connection: ServerConnection): void {
  connection.batch.requests--;
  connection.statistics.packetsReceived++;
  core.statistics.packetsReceived++;
}

/** Real servers read credentials before there is a request that they could refuse: they hang up. */
function readAtOnce(connection: ServerConnection, run: () => void): void {
  try {
    run();
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    connection.drop('credentials that cannot be read');
  }
}

function hasLoggedIn({ options }: ServerCore, { ids }: ServerConnection): boolean {
  return ids.list.some(({ scheme }) => options.enforcedAuthSchemes.has(scheme ?? ''));
}

/** Answers, and gives 0; or gives the code of the refusal. */
function answer(core: ServerCore, connection: ServerConnection, xid: number, op: number): number {
  switch (op) {
    case OP.getData:
      return reads.getData(core, connection, xid);
    case OP.exists:
      return reads.exists(core, connection, xid);
    case OP.getChildren:
      return reads.getChildren(core, connection, xid);
    case OP.getChildren2:
      return reads.getChildren2(core, connection, xid);
    case OP.create:
    case OP.create2:
    case OP.createContainer:
    case OP.createTTL:
    case OP.delete:
    case OP.deleteContainer:
    case OP.setData:
    case OP.setACL:
    case OP.check:
    case OP.multi:
    case OP.reconfig:
      if (core.options.readOnly) return NOTREADONLY;
      write(core, connection, xid, op);
      return 0;
    case OP.ping:
      core.answer(connection, XID_PING);
      connection.output.commit();
      return 0;
    case OP.getACL:
      return reads.getAcl(core, connection, xid);
    case OP.sync:
      return core.options.readOnly ? NOTREADONLY : reads.sync(core, connection, xid);
    case OP.multiRead:
      return reads.multiRead(core, connection, xid);
    case OP.getEphemerals:
      return reads.getEphemerals(core, connection, xid);
    case OP.getAllChildrenNumber:
      return reads.getAllChildrenNumber(core, connection, xid);
    case OP.whoAmI:
      return reads.whoAmI(core, connection, xid);
    case OP.setWatches:
      return watching.setWatches(core, connection, xid);
    case OP.setWatches2:
      return watching.setWatches2(core, connection, xid);
    case OP.addWatch:
      return watching.addWatch(core, connection, xid);
    case OP.checkWatches:
      return watching.checkWatches(core, connection, xid);
    case OP.removeWatches:
      return watching.removeWatches(core, connection, xid);
    case OP.closeSession:
      closeSession(core, connection, xid);
      return 0;
    case OP.createSession:
      // For servers among themselves. It takes a zxid as every write does, and is refused.
      connection.batch.writes++;
      core.commit(core.header(connection.sessionId, xid), {
        type: OP.error,
        code: MARSHALLINGERROR,
      });
      return MARSHALLINGERROR;
    default:
      isNoRequest(core, connection);
      // As real servers do: whoever asks for what the server does not know loses the connection.
      core.hangUp(connection, xid, NO_ZXID, UNIMPLEMENTED);
      return 0;
  }
}
