import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  OP,
  readSetSASLResponse,
  readWhoAmIResponse,
  writeGetSASLRequest,
} from '../../src/codec/index.ts';
import type { RequestError } from '../../src/errors.ts';
import { SaslDigestMd5 } from '../../src/server/auth/sasl-digest-md5.ts';
import { startServer, type ZooKeeperServer } from '../../tools/zookeeper/index.ts';
import { DIGEST_ANSWERS, DIGEST_USERS, digestAnswer } from '../unit/server/auth/digest-answer.ts';
import { RawSession } from './support/raw-session.ts';
import { describeApache } from './support/real-zookeeper.ts';

const REFUSED = 'AUTHFAILED';

/** Where ours does not do as the real one: it refuses what is malformed, and always says so. */
const DECLINED: Readonly<Record<string, RegExp>> = {
  'no user': /CONNECTION_LOSS/,
  'a maxbuf that is no number': /CONNECTION_LOSS/,
  'a name alone': /^rspauth=/,
  'a null byte': /^rspauth=/,
};

describeApache('DIGEST-MD5 of the embedded server, compared with a real one', () => {
  let server: ZooKeeperServer;

  beforeAll(async () => {
    const sasl = { users: DIGEST_USERS };
    server = await startServer({ fastStart: true, sasl, configLines: ['forceSync=no'] });
  });

  afterAll(() => server?.stop());

  async function send(session: RawSession, token: Uint8Array): Promise<Buffer | null> {
    return await session.ask(
      OP.sasl,
      (writer) => writeGetSASLRequest(writer, token),
      (reader) => {
        const answer = readSetSASLResponse(reader).token;
        return answer === null ? null : Buffer.from(answer);
      },
    );
  }

  async function loggedInAs(session: RawSession): Promise<(string | null)[]> {
    const read = readWhoAmIResponse;
    const { clientInfo } = await session.ask(OP.whoAmI, () => {}, read);
    const ids = clientInfo?.filter(({ authScheme }) => authScheme === 'sasl') ?? [];
    return ids.map(({ user }) => user);
  }

  it.each(Object.entries(DIGEST_ANSWERS))('%s', async (name, answer) => {
    const session = await RawSession.open(server.port);
    const challenge = (await send(session, Buffer.alloc(0))) as Buffer;
    const nonce = /nonce="([^"]*)"/.exec(challenge.toString())?.[1] as string;
    const ours = new SaslDigestMd5(new Map(Object.entries(DIGEST_USERS)), () =>
      Buffer.from(nonce, 'base64'),
    );
    expect(ours.step(Buffer.alloc(0))).toEqual({ state: 'challenge', token: challenge });
    const token = digestAnswer(challenge, answer);
    const real = await send(session, token).then(
      (proof) => `${proof}`,
      (error: unknown) => (error as RequestError).code,
    );
    const end = ours.step(token);
    const isDeclined = Object.hasOwn(DECLINED, name);
    if (isDeclined) expect(real).toMatch(DECLINED[name] as RegExp);
    expect(end.state === 'done' ? `${end.token}` : REFUSED).toBe(isDeclined ? REFUSED : real);
    if (end.state !== 'done') return;
    expect(await loggedInAs(session)).toEqual([end.user]);
    // One exchange a connection.
    expect(await send(session, Buffer.alloc(0)).catch((error) => error.code)).toBe(REFUSED);
    expect(ours.step(Buffer.alloc(0)).state).toBe('failed');
  });

  it.each([1, 4096, 4097])('a first token of %i bytes', async (length) => {
    const session = await RawSession.open(server.port);
    const token = Buffer.alloc(length, 'x');
    const real = await send(session, token).then(
      () => 'challenge',
      () => 'failed',
    );
    expect(new SaslDigestMd5(new Map()).step(token).state).toBe(real);
  });
});
