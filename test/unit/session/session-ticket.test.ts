import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ZkwireError } from '../../../src/errors.ts';
import { SessionTicket, type SessionTicketFields } from '../../../src/session/session-ticket.ts';

const FIELDS: SessionTicketFields = {
  sessionId: 0x1000019383f0058n,
  password: Buffer.from('canary-password!'),
  lastZxidSeen: 0x1_0000_0004n,
  lastXid: 77,
  sessionTimeoutMs: 30_000,
};

const badTicket = (message: string): unknown =>
  expect.objectContaining({
    code: 'BAD_SESSION_TICKET',
    message: expect.stringContaining(message),
  });

function fieldsOf(ticket: SessionTicket): SessionTicketFields {
  const { sessionId, password, lastZxidSeen, lastXid, sessionTimeoutMs } = ticket;
  return { sessionId, password, lastZxidSeen, lastXid, sessionTimeoutMs };
}

describe('SessionTicket', () => {
  it.each([
    ['an ordinary session', {}],
    ['a server whose id has the highest bit', { sessionId: -(2n ** 63n) }],
    [
      'the end of every range',
      { lastZxidSeen: 2n ** 63n - 1n, lastXid: 2 ** 31 - 1, sessionTimeoutMs: 2 ** 31 - 1 },
    ],
    ['the beginning of every range', { lastZxidSeen: 0n, lastXid: 0, sessionTimeoutMs: 1 }],
  ])('goes to another process and back, of %s', (_, changes) => {
    const fields = { ...FIELDS, ...changes };
    const text = new SessionTicket(fields).serialize();
    expect(text).toMatch(/^zkwire-session-1\.[\w-]{59}$/);
    expect(fieldsOf(SessionTicket.parse(text))).toEqual(fields);
  });

  it('is written as it was in version 1', () => {
    const text = 'zkwire-session-1.AQAAGTg_AFhjYW5hcnktcGFzc3dvcmQhAAAAAQAAAAQAAABNAAB1MDD8oxw';
    expect(new SessionTicket(FIELDS).serialize()).toBe(text);
    expect(fieldsOf(SessionTicket.parse(text))).toEqual(FIELDS);
  });

  it.each([
    ['a number', 5, 'must be a string, not number'],
    ['nothing', '', 'does not begin with zkwire-session-1.'],
    ['another version', 'zkwire-session-2.AAAA', 'does not begin with'],
    ['white space', ' zkwire-session-1.', 'does not begin with'],
  ])('is not read from %s', (_, text, message) => {
    expect(() => SessionTicket.parse(text as string)).toThrow(badTicket(message));
  });

  it('is not read from a text that was cut, grew or was changed anywhere', () => {
    const text = new SessionTicket(FIELDS).serialize();
    for (let at = 0; at < text.length; at++) {
      for (const other of ['A', 'b', '=', '/', 'é']) {
        if (text[at] === other) continue;
        const changed = text.slice(0, at) + other + text.slice(at + 1);
        expect(() => SessionTicket.parse(changed)).toThrow(badTicket('session ticket: '));
      }
      expect(() => SessionTicket.parse(text.slice(0, at))).toThrow(badTicket('session ticket: '));
    }
    expect(() => SessionTicket.parse(`${text}\n`)).toThrow(
      badTicket('77 characters instead of 76'),
    );
    expect(() => SessionTicket.parse(text.slice(0, -1) + (text.endsWith('4') ? '5' : '4'))).toThrow(
      ZkwireError,
    );
  });

  it.each([
    [{ sessionId: 0n }, 'sessionId is 0'],
    [{ sessionId: 5 }, 'sessionId must be a bigint'],
    [{ sessionId: 2n ** 63n }, 'sessionId must be a bigint of 64 bits'],
    [{ password: Buffer.alloc(15) }, 'password must be 16 bytes'],
    [{ password: 'sixteen letters!' }, 'password must be 16 bytes'],
    [{ lastZxidSeen: -1n }, 'lastZxidSeen must not be negative'],
    [{ lastZxidSeen: 1 }, 'lastZxidSeen must be a bigint'],
    [{ lastXid: -1 }, 'lastXid must be a whole number of 0 to 2^31-1'],
    [{ lastXid: 2 ** 31 }, 'lastXid must be a whole number'],
    [{ sessionTimeoutMs: 0 }, 'sessionTimeoutMs must be a whole number of 1 to 2^31-1'],
    [{ sessionTimeoutMs: 0.5 }, 'sessionTimeoutMs must be a whole number'],
  ])('is not made with %o', (changes, message) => {
    const fields = { ...FIELDS, ...changes } as SessionTicketFields;
    expect(() => new SessionTicket(fields)).toThrow(badTicket(message));
  });

  it('keeps its own copy of the password', () => {
    const password = Buffer.from(FIELDS.password);
    const ticket = new SessionTicket({ ...FIELDS, password });
    password.fill(0);
    ticket.password.fill(0);
    expect(ticket.password).toEqual(FIELDS.password);
  });

  it('shows all but the password to who looks at it', () => {
    const ticket = new SessionTicket(FIELDS);
    const shown = inspect(ticket, { showHidden: true, getters: true });
    expect(shown).toContain('sessionId: 72057702355763288n');
    const spread = JSON.stringify({ ...ticket, sessionId: 0, lastZxidSeen: 0 });
    expect(`${shown} ${spread} ${JSON.stringify(ticket)}`).not.toMatch(
      /canary|password|63 61 6e|99,97/,
    );
    expect(JSON.parse(JSON.stringify(ticket))).toEqual({
      sessionId: '72057702355763288',
      lastZxidSeen: '4294967300',
      lastXid: 77,
      sessionTimeoutMs: 30_000,
    });
  });
});
