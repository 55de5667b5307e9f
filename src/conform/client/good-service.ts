import { OP } from '../../codec/index.ts';
import { handshakeOf, requestOf } from '../script/heard-frame.ts';
import type { ScriptConnection } from '../script/script-connection.ts';
import type { ScriptedServer } from '../script/scripted-server.ts';
import { goodAnswer } from './good-answer.ts';

/** Longer than any check. */
const FOREVER_MS = 600_000;

/** From now on every connection is served as a good server does it, until the script is over. */
export async function serveWell(server: ScriptedServer): Promise<void> {
  try {
    for (;;) {
      const connection = await server.accept({ withinMs: FOREVER_MS });
      void serve(connection);
    }
  } catch {
    // The script was ended.
  }
}

/** Answers what comes on a connection as a good server does it. Resolves when it is over. */
export async function serve(connection: ScriptConnection): Promise<void> {
  try {
    for (;;) {
      const frame = await connection.next('a request', { withinMs: FOREVER_MS });
      if (frame === null) return;
      const handshake = handshakeOf(frame);
      if (handshake !== null) connection.grant(handshake);
      const request = requestOf(frame);
      if (request === null) continue;
      connection.reply(request, goodAnswer(request));
      if (request.op === OP.closeSession) connection.end();
    }
  } catch {
    connection.destroy();
  }
}
