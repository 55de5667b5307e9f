import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Conversation, type Packet } from '../../../../src/codec/index.ts';
import { firstSessionId } from '../../../../src/server/sessions/session-ids.ts';
import {
  isSessionPassword,
  sessionPassword,
} from '../../../../src/server/sessions/session-password.ts';

const FIXTURES = new URL('../../../fixtures/sessions/', import.meta.url);

/** Ids and passwords that real servers gave, as hexadecimal digits. */
function recordedSessions(): Map<bigint, string> {
  const sessions = new Map<bigint, string>();
  for (const file of readdirSync(FIXTURES)) {
    const { records } = JSON.parse(readFileSync(new URL(file, FIXTURES), 'utf8'));
    const conversation = new Conversation(({ kind, record }: Packet) => {
      if (kind !== 'cresp' || record === undefined) return;
      const { sessionId, passwd } = record as { sessionId: bigint; passwd: Uint8Array };
      if (sessionId !== 0n) sessions.set(sessionId, Buffer.from(passwd).toString('hex'));
    });
    for (const { conn, dir, hex } of records) conversation.push(conn, dir, Buffer.from(hex, 'hex'));
    conversation.end();
  }
  return sessions;
}

describe('session passwords', () => {
  it('are those of real servers', () => {
    const recorded = recordedSessions();
    expect(recorded.size).toBeGreaterThan(20);
    const ours = [...recorded.keys()].map((id) => [id, sessionPassword(id).toString('hex')]);
    expect(ours).toEqual([...recorded]);
  });

  it('are checked', () => {
    const id = 0x0100_004f_c118_0000n;
    const right = Buffer.from('5a314aaadf107b81c854234ac011397d', 'hex');
    expect(isSessionPassword(id, right)).toBe(true);
    expect(isSessionPassword(id + 1n, right)).toBe(false);
    expect(isSessionPassword(id, right.subarray(1))).toBe(false);
    expect(isSessionPassword(id, Buffer.alloc(16))).toBe(false);
    expect(isSessionPassword(id, Buffer.alloc(0))).toBe(false);
    expect(isSessionPassword(id, null)).toBe(false);
    expect(isSessionPassword(0n, sessionPassword(0n))).toBe(false);
  });

  it('do not depend on the number of the server, as Java says of this one', () => {
    const password = '5a314aaadf107b81c854234ac011397d';
    for (const id of [0x0100_004f_c118_0000n, BigInt.asIntN(64, 0xff00_004f_c118_0000n)]) {
      expect(sessionPassword(id).toString('hex')).toBe(password);
    }
  });
});

describe('session ids', () => {
  it('begin with the number of the server and the time', () => {
    expect(firstSessionId(0, 1)).toBe(0x0100_0000_0000_0000n);
    expect(firstSessionId(0, 254)).toBe(BigInt.asIntN(64, 0xfe00_0000_0000_0000n));
    expect(firstSessionId(0x12_3456_789a, 1)).toBe(0x0112_3456_789a_0000n);
  });

  it('have room for 40 bits of time', () => {
    expect(firstSessionId(1_800_000_000_000, 1)).toBe(
      firstSessionId(1_800_000_000_000 - 2 ** 40, 1),
    );
    expect(BigInt.asIntN(64, firstSessionId(2 ** 40 - 1, 1))).toBe(0x01ff_ffff_ffff_0000n);
  });
});
