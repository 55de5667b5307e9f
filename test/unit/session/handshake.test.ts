import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { writeConnectAcceptance, writeConnectRefusal } from '../../../src/codec/connect.ts';
import { JuteWriter } from '../../../src/codec/jute-writer.ts';
import type { Slab } from '../../../src/codec/slab-pool.ts';
import { ConnectError, LinkError, WireError } from '../../../src/errors.ts';
import { handshake, type SessionGrant, type SessionWish } from '../../../src/session/handshake.ts';
import type { LinkHandler } from '../../../src/transport/byte-link.ts';
import { ScriptedLink } from '../pipeline/scripted-link.ts';

const PASSWORD = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const WISH: SessionWish = {
  sessionTimeoutMs: 30_000,
  lastZxidSeen: 0n,
  sessionId: 0n,
  password: Buffer.alloc(16),
  readOnly: false,
};

function framed(write: (writer: JuteWriter) => void): Buffer {
  const writer = JuteWriter.standalone();
  writer.beginFrame();
  write(writer);
  writer.endFrame();
  return writer.finished();
}

/** A ConnectResponse; 36 bytes without readOnly. */
function accepted(timeOutMs: number, readOnly?: boolean, sessionId = 0x77n): Buffer {
  return framed((writer) =>
    writeConnectAcceptance(writer, timeOutMs, sessionId, PASSWORD, readOnly),
  );
}

/** What comes after the handshake notes what it gets. */
class Next implements LinkHandler {
  readonly wantedBytes = 0;
  readonly grant: SessionGrant;
  readonly bytes: string[] = [];
  readonly ends: LinkError[] = [];
  constructor(grant: SessionGrant) {
    this.grant = grant;
  }
  onBytes(slab: Slab, start: number, end: number): number {
    this.bytes.push(slab.bytes.toString('latin1', start, end));
    return end;
  }
  onDrain(): void {}
  onEnd(error: LinkError): void {
    this.ends.push(error);
  }
}

function shake(link: ScriptedLink, wish: SessionWish = WISH): Promise<Next> {
  return handshake(link, wish, (grant) => new Next(grant));
}

/** What the handshake rejects with; checks that link and slabs are gone. */
async function failureOf(answer: Buffer | null, wish: SessionWish = WISH): Promise<ConnectError> {
  const link = new ScriptedLink();
  const attempt = shake(link, wish);
  if (answer === null) link.over();
  else link.deliver(answer);
  const error: unknown = await attempt.then(
    () => expect.unreachable('accepted'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConnectError);
  expect(link.destroyed).not.toBeNull();
  expect(link.pool.counters().outstanding).toBe(0);
  return error as ConnectError;
}

describe('the connect request', () => {
  it('is 45 bytes, as Java writes it', async () => {
    const link = new ScriptedLink();
    const wish = { ...WISH, lastZxidSeen: 0x1_0000_0005n, sessionId: 0x77n, password: PASSWORD };
    const attempt = shake(link, wish);
    expect(link.writes.map((bytes) => bytes.toString('hex'))).toEqual([
      '0000002d00000000000000010000000500007530000000000000007700000010' +
        '00112233445566778899aabbccddeeff00',
    ]);
    link.deliver(accepted(30_000, false));
    await attempt;
    expect(link.pool.counters().outstanding).toBe(0);
  });
});

describe('an answer', () => {
  it.each([
    [36, undefined, false],
    [37, false, false],
    [37, true, true],
  ])('of %i bytes, readOnly %s, grants a session', async (bytes, readOnly, granted) => {
    const answer = accepted(4000, readOnly);
    expect(answer).toHaveLength(bytes + 4);
    const link = new ScriptedLink();
    const attempt = shake(link);
    link.deliver(answer);
    const { grant } = await attempt;
    expect(grant).toEqual({ sessionId: 0x77n, sessionTimeoutMs: 4000, readOnly: granted });
    expect(grant.password.equals(PASSWORD)).toBe(true);
  });

  it.each([undefined, false])('is read split at every byte (readOnly %s)', async (readOnly) => {
    const answer = accepted(4000, readOnly);
    for (let split = 1; split < answer.length; split++) {
      const link = new ScriptedLink();
      const attempt = shake(link);
      link.deliver(answer.subarray(0, split));
      link.deliver(answer.subarray(split));
      expect((await attempt).grant.sessionId).toBe(0x77n);
    }
    const link = new ScriptedLink();
    const attempt = shake(link);
    link.drip(answer);
    expect((await attempt).grant.password.equals(PASSWORD)).toBe(true);
    expect(link.pool.counters().outstanding).toBe(0);
  });

  it('hands what comes behind it, in the same read or later, to the next handler', async () => {
    const link = new ScriptedLink();
    const attempt = shake(link);
    link.deliver(accepted(4000, false), Buffer.from('first'));
    link.deliver(Buffer.from('second'));
    const next = await attempt;
    expect(next.bytes).toEqual(['first', 'second']);
    link.over();
    expect(next.ends).toHaveLength(1);
  });

  it('keeps the password out of whatever is printed', async () => {
    const link = new ScriptedLink();
    const attempt = shake(link);
    link.deliver(accepted(4000, false));
    const { grant } = await attempt;
    expect(Object.keys(grant)).toEqual(['sessionId', 'sessionTimeoutMs', 'readOnly']);
    expect(inspect(grant, { depth: 9 })).not.toMatch(/password|Buffer/);
  });
});

describe('a refusal', () => {
  it.each([0, -1])('by a time-out of %i is SESSION_EXPIRED', async (timeOut) => {
    const fresh = await failureOf(accepted(timeOut, false));
    expect(fresh.code).toBe('SESSION_EXPIRED');
    expect(fresh.message).toContain('granted a new session no time');
    const resumed = await failureOf(accepted(timeOut), { ...WISH, sessionId: 1n });
    expect(resumed.code).toBe('SESSION_EXPIRED');
    expect(resumed.message).toContain('has expired, is unknown to the server, or its password');
    expect(resumed.host).toBe('server.test:2181');
  });

  it('of 16 bytes is HANDSHAKE_REFUSED and names the code', async () => {
    const error = await failureOf(framed((writer) => writeConnectRefusal(writer, -119)));
    expect(error.code).toBe('HANDSHAKE_REFUSED');
    expect(error.message).toContain('NOTREADONLY(-119)');
  });

  it('by closing is HANDSHAKE_CLOSED', async () => {
    const error = await failureOf(null);
    expect(error.code).toBe('HANDSHAKE_CLOSED');
    expect(error.cause).toBeInstanceOf(LinkError);
  });

  it('by an alert of TLS 1.3 about the certificate is TLS_FAILED', async () => {
    const link = new ScriptedLink();
    const attempt = shake(link);
    const alert = new Error('tlsv13 alert certificate required');
    const cause = Object.assign(alert, { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' });
    link.destroy(new LinkError('LINK_FAILED', 'host:1', cause));
    await expect(attempt).rejects.toMatchObject({ code: 'TLS_FAILED', cause: { cause } });
  });

  it('by closing in the middle of the answer is HANDSHAKE_CLOSED too', async () => {
    const link = new ScriptedLink();
    const attempt = shake(link);
    link.deliver(accepted(4000).subarray(0, 20));
    link.over();
    await expect(attempt).rejects.toMatchObject({ code: 'HANDSHAKE_CLOSED' });
    expect(link.pool.counters().outstanding).toBe(0);
  });
});

describe('what is no answer', () => {
  const negativePassword = accepted(4000);
  negativePassword.writeInt32BE(-2, 20);
  const longPassword = accepted(4000);
  longPassword.writeInt32BE(17, 20);

  it.each([
    ['an empty frame', Buffer.alloc(4)],
    ['35 bytes', framed((writer) => writer.reserve(35))],
    ['38 bytes', framed((writer) => writer.reserve(38))],
    ['3 bytes', framed((writer) => writer.reserve(3))],
    ['16 bytes that are no refusal', framed((writer) => writer.reserve(16))],
    ['a negative length', Buffer.from('ffffffff', 'hex')],
    ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a TLS alert', Buffer.from('15030300020232', 'hex')],
    ['a four-letter answer', Buffer.from('imok')],
    ['a password of length -2', negativePassword],
    ['a password longer than the frame', longPassword],
  ])('is BAD_HANDSHAKE: %s', async (_name, answer) => {
    const error = await failureOf(answer);
    expect(error.code).toBe('BAD_HANDSHAKE');
    expect(error.cause).toBeInstanceOf(WireError);
  });

  it('is a session without an id, which could not be told from none', async () => {
    const error = await failureOf(accepted(4000, false, 0n));
    expect([error.code, error.message]).toEqual([
      'BAD_HANDSHAKE',
      'BAD_HANDSHAKE: the session granted has no id [server.test:2181]',
    ]);
  });

  it('ends the link for good: an answer behind it grants nothing', async () => {
    const link = new ScriptedLink();
    const attempt = shake(link);
    link.deliver(Buffer.from('ffffffff', 'hex'), accepted(4000));
    link.deliver(accepted(4000));
    await expect(attempt).rejects.toMatchObject({ code: 'BAD_HANDSHAKE' });
    expect(link.destroyed).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });
});

it('rejects with what the hand-over throws, and ends the link', async () => {
  const link = new ScriptedLink();
  const boom = new RangeError('no such limit');
  const attempt = handshake(link, WISH, (): Next => {
    throw boom;
  });
  link.deliver(accepted(4000));
  await expect(attempt).rejects.toBe(boom);
  expect(link.destroyed).not.toBeNull();
});
