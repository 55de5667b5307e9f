import type { ServerConnection } from '../connection.ts';
import type { ServerCore } from '../server-core.ts';

/** The client ends its session: its ephemeral znodes go, it is answered, and the connection ends. */
export function closeSession(core: ServerCore, connection: ServerConnection, xid: number): void {
  const { session, batch } = connection;
  batch.writes++;
  if (session !== null) core.endSession(session, xid);
  core.answer(connection, xid);
  connection.output.commit();
  connection.finish();
}
