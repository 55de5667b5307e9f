import { readGetSASLRequest, SERVER_CODE } from '../../codec/index.ts';
import { SaslDigestMd5, type SaslStep } from '../auth/sasl-digest-md5.ts';
import type { ServerConnection } from '../connection.ts';
import type { ServerCore } from '../server-core.ts';

const { OK, AUTHFAILED, SESSIONCLOSEDREQUIRESASLAUTH } = SERVER_CODE;

/** Replies about credentials carry no zxid. */
const NO_ZXID = 0n;

/**
 * A token of SASL. A server without SASL answers every token with success and none of its own, and
 * so does one that serves even those who failed to log in.
 */
export function saslToken(core: ServerCore, connection: ServerConnection, xid: number): void {
  const { token } = readGetSASLRequest(core.reader);
  if (token === null) {
    connection.drop('a SASL request without a token');
    return;
  }
  const step = nextStep(core, connection, token);
  if (step?.state === 'failed' && !servesFailedLogins(core)) {
    const isRequired = core.options.enforcedAuthSchemes.has('sasl');
    const code = isRequired ? SESSIONCLOSEDREQUIRESASLAUTH : AUTHFAILED;
    // With the body of any other answer, as real servers do.
    connection.output.reply(xid, NO_ZXID, code).buffer(null);
    connection.output.commit();
    connection.finish();
    return;
  }
  const answer = step === null || step.state === 'failed' ? null : step.token;
  connection.output.reply(xid, NO_ZXID, OK).buffer(answer);
  connection.output.commit();
}

/** Null: the server has no SASL. */
function nextStep(core: ServerCore, connection: ServerConnection, token: Buffer): SaslStep | null {
  const { sasl } = core.options;
  if (sasl === undefined) return null;
  connection.sasl ??= new SaslDigestMd5(sasl.users);
  const step = connection.sasl.step(token);
  if (step.state !== 'done' || core.access.addSaslUser(step.user, connection.ids)) return step;
  return { state: 'failed', reason: 'the connection has too many ids' };
}

function servesFailedLogins({ options }: ServerCore): boolean {
  return options.sasl?.allowFailedClients === true && !options.enforcedAuthSchemes.has('sasl');
}
