import { createHash } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ConnectOptions,
  connect,
  digestCredential,
  digestMd5,
  REQUEST_CHANNEL,
  type SaslMechanism,
  SessionTicket,
  STATE_CHANNEL,
  type ZooKeeperClient,
} from '../../src/client/index.ts';
import { Conversation, describe as describePacket } from '../../src/codec/index.ts';
import { readDigestChallenge } from '../../src/session/digest-challenge.ts';
import { digestResponse } from '../../src/session/digest-response.ts';
import { Canaries } from './canaries.ts';
import { reply } from './pipeline/frames.ts';
import { SecretsServer } from './secrets-server.ts';

const SESSION_PASSWORD = Buffer.from('canary-sess-pass');
const DIGEST_PASSWORD = 'canary-digest-password';
const LATE_PASSWORD = 'canary-late-password';
const SASL_PASSWORD = 'canary-sasl-password';
const CUSTOM_TOKEN = Buffer.from('canary-custom-token');

/** What servers make of a digest password; whoever has it knows the password's hash. */
const DIGEST = createHash('sha1').update(`bob:${DIGEST_PASSWORD}`).digest('base64');
const ACL_OF_BOB = [{ perms: 31, id: { scheme: 'digest', id: `bob:${DIGEST}` } }];

const CHALLENGE =
  'realm="zk-sasl-md5",nonce="canary-server-nonce",charset=utf-8,algorithm=md5-sess';

/** What a good server makes of the client's response. */
function serverProof(response: Buffer): string {
  const cnonce = /cnonce="([^"]*)"/.exec(response.toString())![1]!;
  const digestUri = 'zookeeper/zk-sasl-md5';
  const login = { user: 'bob', password: SASL_PASSWORD, realm: undefined, digestUri, cnonce };
  return digestResponse(readDigestChallenge(Buffer.from(CHALLENGE)), login).serverProof;
}

/** Everything that can be subscribed to. */
const CHANNELS = [REQUEST_CHANNEL, STATE_CHANNEL];

describe('secrets', () => {
  let server: SecretsServer;
  let canaries: Canaries;
  let unhook: () => void = () => {};
  /** Lines of the wire tap. */
  let tapped = 0;

  beforeEach(async () => {
    server = await SecretsServer.listen(SESSION_PASSWORD);
    canaries = new Canaries({
      'session password': SESSION_PASSWORD,
      'digest password': DIGEST_PASSWORD,
      'late password': LATE_PASSWORD,
      'SASL password': SASL_PASSWORD,
      'custom token': CUSTOM_TOKEN,
      digest: DIGEST,
    });
    const restore = hookOutput((text) => canaries.print(text));
    const look = (message: unknown): void => canaries.look(message);
    for (const name of CHANNELS) subscribe(name, look);
    unhook = () => {
      restore();
      for (const name of CHANNELS) unsubscribe(name, look);
    };
  });

  afterEach(async () => {
    unhook();
    await server.close();
  });

  /** Looks at every state and every line; callbacks throw, so that what is printed of that is seen too. */
  function open(options: ConnectOptions = {}): Promise<ZooKeeperClient> {
    return connect(server.connectString, {
      ...options,
      wireTap: (line) => {
        canaries.print(line);
        tapped++;
        throw new Error('thrown by the user');
      },
      onState: (event) => {
        canaries.look(event);
        throw new Error('thrown by the user');
      },
      onCallbackError: (error, where) => canaries.look([error, where]),
    });
  }

  /** Looks at why it fails. */
  async function fails(answer: Promise<unknown> | (() => unknown)): Promise<string> {
    try {
      await (typeof answer === 'function' ? answer() : answer);
    } catch (error) {
      canaries.look(error);
      return (error as { code: string }).code;
    }
    return expect.unreachable('it succeeded');
  }

  /** Everything that crossed the wire, and the lines that a tap prints of it. */
  function tap(): { wire: Buffer; lines: string[] } {
    const lines: string[] = [];
    const conversation = new Conversation((packet) => lines.push(describePacket(packet)));
    for (const { conn, dir, bytes } of server.tapped) conversation.push(conn, dir, bytes);
    conversation.end();
    return { wire: Buffer.concat(server.tapped.map(({ bytes }) => bytes)), lines };
  }

  function expectNoneSeen(): void {
    expect(tapped).toBeGreaterThan(3);
    canaries.print(tap().lines.join('\n'));
    expect(canaries.seen()).toEqual([]);
  }

  it('are found in every spelling, or this test would prove nothing', () => {
    const secret = Buffer.from('canary-sess-pass');
    const spelt: unknown[] = [
      `x${secret}y`,
      secret.toString('hex'),
      Buffer.concat([Buffer.of(1), secret, Buffer.of(2)]),
      Buffer.concat([Buffer.of(1), secret, Buffer.of(2)]).toString('base64'),
      Buffer.concat([Buffer.of(1, 2), secret]).toString('base64url'),
      new Uint8Array(secret),
      { deep: { deeper: { deepest: [new Error('x', { cause: new Error(String(secret)) })] } } },
      Object.defineProperty({}, 'hidden', { value: secret }),
      new (class {
        get getter(): Buffer {
          return secret;
        }
      })(),
    ];
    for (const thing of spelt) {
      const watching = new Canaries({ it: secret });
      watching.look(thing);
      expect([watching.seen().length > 0, thing]).toEqual([true, thing]);
    }
    const output = new Canaries({ it: secret });
    const restore = hookOutput((text) => output.print(text));
    process.stdout.write(`${secret}\n`);
    restore();
    expect(output.seen()).toHaveLength(1);
  });

  it('of a session are nowhere, from the first connection to the ticket', async () => {
    const auth = [digestCredential('bob', DIGEST_PASSWORD)];
    const zk = await open({ auth });
    await zk.addAuth({ scheme: 'digest', auth: `eve:${LATE_PASSWORD}` });
    await zk.create('/a', 'x', { acl: ACL_OF_BOB });
    server.conduct.createCode = -114;
    expect(await fails(zk.create('/a', 'x', { acl: ACL_OF_BOB }))).toBe('INVALIDACL');
    expect(await fails(zk.get('/a'))).toBe('NONODE');
    for (const thing of [zk, zk.lending, zk.counters(), zk.stats(), zk.metrics, auth]) {
      canaries.look(thing);
    }
    server.reset();
    expect(await fails(zk.get('/a'))).toBe('CONNECTION_LOSS');
    expect(await fails(zk.get('/a'))).toBe('NONODE');
    const ticket = await zk.detach();
    canaries.look(ticket);
    canaries.look(zk);
    expect(await fails(zk.get('/a'))).toBe('CONNECTION_CLOSED');
    const again = await open({ resume: SessionTicket.parse(ticket.serialize()) });
    await again.close();
    server.conduct.expires = true;
    const late = await open({ resume: ticket, afterExpiry: 'end' }).catch(
      (error: unknown) => error,
    );
    canaries.look(late);
    const { wire, lines } = tap();
    for (const secret of [SESSION_PASSWORD, DIGEST_PASSWORD, LATE_PASSWORD, DIGEST]) {
      expect(wire.includes(secret)).toBe(true);
    }
    // Two on the first connection and two on the second, each with its answer.
    expect(lines.filter((line) => line.includes('auth'))).toHaveLength(8);
    expectNoneSeen();
  });

  it.each<[string, (token: Buffer) => Uint8Array | number | null, string | null]>([
    ['succeeds', (token) => Buffer.from(`rspauth=${serverProof(token)}`), null],
    ['is refused', () => -115, 'SASL_REFUSED'],
    ['is answered with the token', (token) => token, 'SASL_SERVER_UNPROVEN'],
    [
      'is answered with a wrong proof',
      () => Buffer.from(`rspauth=${'0'.repeat(32)}`),
      'SASL_SERVER_UNPROVEN',
    ],
    ['is answered with nothing', () => null, 'SASL_SERVER_UNPROVEN'],
  ])('of SASL are nowhere when it %s', async (_, answer, code) => {
    server.conduct.sasl = (token) => {
      if (token.length === 0) return Buffer.from(CHALLENGE);
      // What is made of the password is as good as a secret.
      canaries.add('response', /response=([0-9a-f]{32})/.exec(token.toString())![1]!);
      canaries.add('proof', serverProof(token));
      return answer(token);
    };
    const sasl = digestMd5({ user: 'bob', password: SASL_PASSWORD });
    canaries.look(sasl);
    if (code === null) {
      const zk = await open({ sasl });
      canaries.look(zk);
      await zk.close();
    } else {
      expect(await fails(open({ sasl }))).toBe(code);
    }
    expect(tap().wire.includes('response=')).toBe(true);
    expectNoneSeen();
  });

  it.each([
    ['is malformed', 'canary-custom-token'],
    ['offers what is not wanted', 'nonce="canary-custom-token",algorithm=md5-sess,qop="auth-int"'],
  ])('of SASL are nowhere when the challenge %s', async (_, challenge) => {
    server.conduct.sasl = () => Buffer.from(challenge);
    const sasl = digestMd5({ user: 'bob', password: SASL_PASSWORD });
    expect(await fails(open({ sasl }))).toBe('SASL_BAD_CHALLENGE');
    expectNoneSeen();
  });

  it.each([
    ['refuses', -115, 'SASL_REFUSED'],
    ['is confused', -5, 'SASL_REFUSED'],
  ])("of somebody else's mechanism are nowhere when the server %s", async (_, answer, code) => {
    server.conduct.sasl = () => answer;
    const sasl: SaslMechanism = {
      name: 'CUSTOM',
      begin: () => ({ start: () => CUSTOM_TOKEN, step: () => null }),
    };
    expect(await fails(open({ sasl }))).toBe(code);
    expect(tap().wire.includes(CUSTOM_TOKEN)).toBe(true);
    expectNoneSeen();
  });

  it('are nowhere when a credential is refused, at once or later', async () => {
    server.conduct.authCode = -115;
    const auth = [digestCredential('bob', DIGEST_PASSWORD)];
    expect(await fails(open({ auth }))).toBe('AUTH_REFUSED');
    const zk = await open();
    const adding = fails(zk.addAuth({ scheme: 'digest', auth: Buffer.from(LATE_PASSWORD) }));
    const waiting = fails(zk.get('/a'));
    expect([await adding, await waiting]).toEqual(['AUTH_REFUSED', 'AUTH_FAILED']);
    expect(await fails(zk.addAuth(auth[0]!))).toBe('AUTH_REFUSED');
    canaries.look(zk);
    expectNoneSeen();
  });

  it('are nowhere when the server sends them where they do not belong', async () => {
    const long = Buffer.concat([Buffer.alloc(24), SESSION_PASSWORD, SESSION_PASSWORD]);
    const framed = Buffer.alloc(4 + long.length);
    framed.writeInt32BE(long.length);
    framed.set(long, 4);
    server.conduct.handshake = framed;
    expect(await fails(open())).toBe('BAD_HANDSHAKE');
    server.conduct.handshake = null;
    for (const answer of [
      reply(1, { body: (writer) => writer.buffer(SESSION_PASSWORD) }),
      reply(77, { body: (writer) => writer.buffer(SESSION_PASSWORD) }),
      reply(-1, { body: (writer) => writer.buffer(SESSION_PASSWORD) }),
      Buffer.concat([Buffer.of(0x7f, 0, 0, 0), SESSION_PASSWORD]),
    ]) {
      server.conduct.getData = answer;
      const zk = await open();
      expect(await fails(zk.get('/a'))).toMatch(/^(BAD_REPLY|CONNECTION_LOSS)$/);
      await zk.close();
    }
    expectNoneSeen();
  });

  it.each<[string, () => unknown]>([
    ['a user with a colon', () => digestCredential(`a:${DIGEST_PASSWORD}`, 'x')],
    ['half a character', () => digestCredential('bob', `${DIGEST_PASSWORD}\ud800`)],
    ['too long a password', () => digestMd5({ user: 'b', password: DIGEST_PASSWORD.repeat(4000) })],
    [
      'half a character for SASL',
      () => digestMd5({ user: 'b', password: `${SASL_PASSWORD}\ud800` }),
    ],
    ['no user', () => digestMd5({ user: '', password: SASL_PASSWORD })],
    [
      'a scheme that is none',
      () => connect('h', { auth: [{ scheme: '', auth: DIGEST_PASSWORD }] }),
    ],
    [
      'a credential that is none',
      () => connect('h', { auth: [{ scheme: 'x', auth: [DIGEST_PASSWORD] as never }] }),
    ],
    [
      'a ticket that was changed',
      () => SessionTicket.parse(`${ticketOf(SESSION_PASSWORD).serialize()}=`),
    ],
    [
      'a ticket with another letter',
      () => SessionTicket.parse(`${ticketOf(SESSION_PASSWORD).serialize().slice(0, -1)}=`),
    ],
    [
      'a ticket that lost its beginning',
      () => SessionTicket.parse(ticketOf(SESSION_PASSWORD).serialize().slice(3)),
    ],
    [
      'a ticket with a long password',
      () => ticketOf(Buffer.concat([SESSION_PASSWORD, Buffer.of(1)])),
    ],
  ])('are not in the refusal of %s', async (_, make) => {
    expect(await fails(async () => make())).toMatch(/^BAD_/);
    expect(canaries.seen()).toEqual([]);
  });

  it('are nowhere when a tap sees only a part of the conversation', () => {
    const handshake = Buffer.concat([Buffer.alloc(28), SESSION_PASSWORD]);
    for (const frame of [handshake, handshake.subarray(0, 40), handshake.subarray(7)]) {
      const length = Buffer.alloc(4);
      length.writeInt32BE(frame.length);
      for (const dir of ['c2s', 's2c'] as const) {
        for (const cut of [0, 3]) {
          const conversation = new Conversation((packet) => canaries.print(describePacket(packet)));
          const bytes = Buffer.concat([length, frame]);
          conversation.push(0, dir, bytes.subarray(0, bytes.length - cut));
          conversation.end();
        }
      }
    }
    expect(canaries.seen()).toEqual([]);
  });
});

function ticketOf(password: Buffer): SessionTicket {
  const rest = { lastZxidSeen: 1n, lastXid: 1, sessionTimeoutMs: 1 };
  return new SessionTicket({ sessionId: 5n, password, ...rest });
}

/** Shows everything that this process prints, until the function that it gives is called. */
function hookOutput(print: (text: string) => void): () => void {
  const warned = (warning: Error): void => print(String(warning.stack));
  process.on('warning', warned);
  const restores = [process.stdout, process.stderr].map((stream) => {
    const { write } = stream;
    stream.write = ((...args: Parameters<typeof write>) => {
      print(Buffer.from(args[0] as string).toString('latin1'));
      return write.apply(stream, args);
    }) as typeof write;
    return () => {
      stream.write = write;
    };
  });
  return () => {
    process.off('warning', warned);
    for (const restore of restores) restore();
  };
}
