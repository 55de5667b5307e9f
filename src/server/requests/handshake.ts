import { OP, SESSION_PASSWORD_BYTES, writeConnectAcceptance } from '../../codec/index.ts';
import { WireError } from '../../errors.ts';
import type { ServerConnection } from '../connection.ts';
import type { ServerCore } from '../server-core.ts';
import type { Session } from '../sessions/session.ts';
import { isSessionPassword, sessionPassword } from '../sessions/session-password.ts';

const NO_PASSWORD = Buffer.alloc(SESSION_PASSWORD_BYTES);

/** What a client asks for; anything behind it in the frame is not looked at, as on a real server. */
interface Wish {
  readonly lastZxidSeen: bigint;
  readonly timeoutMs: number;
  readonly sessionId: bigint;
  /** Lent. */
  readonly password: Buffer | null;
  /** Undefined: an old client, which gets an answer without that byte. */
  readonly readOnly: boolean | undefined;
}

/** The first frame of a connection: a new session, or one that comes back. */
export function greet(core: ServerCore, connection: ServerConnection): void {
  const wish = readWish(core);
  if (wish !== null) core.statistics.counts.connection_request_count++;
  if (wish === null) {
    connection.drop('its first frame is no connect request');
  } else if (core.options.readOnly && wish.readOnly !== true) {
    connection.drop('it does not accept a read-only server');
  } else if (wish.lastZxidSeen > core.tree.lastZxid) {
    connection.drop(
      `it has seen zxid 0x${wish.lastZxidSeen.toString(16)}, ours is 0x${core.tree.lastZxid.toString(16)}`,
    );
  } else {
    const timeoutMs = core.sessions.clampTimeout(wish.timeoutMs);
    const session = wish.sessionId === 0n ? begun(core, timeoutMs) : resumed(core, wish, timeoutMs);
    if (session === null) refuse(core, connection, wish);
    else accept(core, connection, wish, session);
    if (wish.sessionId === 0n) core.sessionBegun(connection);
  }
}

function readWish({ reader }: ServerCore): Wish | null {
  try {
    reader.int();
    return {
      lastZxidSeen: reader.long(),
      timeoutMs: reader.int(),
      sessionId: reader.long(),
      password: reader.buffer(),
      readOnly: reader.remaining > 0 ? reader.bool() : undefined,
    };
  } catch (cause) {
    if (cause instanceof WireError) return null;
    throw cause;
  }
}

function begun(core: ServerCore, timeoutMs: number): Session {
  const session = core.sessions.create(timeoutMs);
  if (!core.options.readOnly) {
    core.commit(core.header(session.id, 0), { type: OP.createSession, timeoutMs });
  }
  return session;
}

/** Null: unknown, closing, or the password is wrong. A real server hangs up on the owner before it looks at the password. */
function resumed(core: ServerCore, wish: Wish, timeoutMs: number): Session | null {
  const session = core.sessions.get(wish.sessionId);
  if (session === undefined || !isSessionPassword(session.id, wish.password)) return null;
  return core.sessions.resume(session, timeoutMs) ? session : null;
}

function accept(
  core: ServerCore,
  connection: ServerConnection,
  { readOnly }: Wish,
  session: Session,
): void {
  core.connectionOf(session)?.drop('its session has moved to another connection');
  session.owner = connection;
  connection.serve(session);
  const writer = connection.output.begin();
  const readOnlyByte = readOnly === undefined ? undefined : core.options.readOnly;
  const password = sessionPassword(session.id);
  writeConnectAcceptance(writer, session.grantedMs, session.id, password, readOnlyByte);
  connection.output.commit();
}

function refuse(core: ServerCore, connection: ServerConnection, { readOnly }: Wish): void {
  const writer = connection.output.begin();
  const readOnlyByte = readOnly === undefined ? undefined : core.options.readOnly;
  writeConnectAcceptance(writer, 0, 0n, NO_PASSWORD, readOnlyByte);
  connection.output.commit();
  connection.finish();
}
