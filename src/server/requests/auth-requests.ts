import { readAuthPacket, SERVER_CODE } from '../../codec/index.ts';
import type { ServerConnection } from '../connection.ts';
import type { ServerCore } from '../server-core.ts';

const { OK, AUTHFAILED } = SERVER_CODE;

/** Replies about credentials carry no zxid. */
const NO_ZXID = 0n;

/** A credential. It is answered under the xid that it came with; one that is refused costs the connection. */
export function addAuth(core: ServerCore, connection: ServerConnection, xid: number): void {
  const { scheme, auth } = readAuthPacket(core.reader);
  switch (core.access.authenticate(scheme, auth, connection.ids)) {
    case 'accepted':
      connection.output.reply(xid, NO_ZXID, OK);
      connection.output.commit();
      break;
    case 'refused':
      core.hangUp(connection, xid, NO_ZXID, AUTHFAILED);
      break;
    default:
      connection.drop('it expects another ensemble');
  }
}
