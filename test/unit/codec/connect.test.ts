import { describe, expect, it } from 'vitest';
import {
  isConnectRefusal,
  readConnectAnswer,
  readConnectHandshake,
  writeConnectAcceptance,
  writeConnectHandshake,
  writeConnectRefusal,
} from '../../../src/codec/connect.ts';
import { JuteReader } from '../../../src/codec/jute-reader.ts';
import { JuteWriter } from '../../../src/codec/jute-writer.ts';
import { wireFailure } from './wire-failure.ts';

// Recorded: Java client 3.9.5 and server 3.9.5, a new session.
const REQUEST =
  '0000002d000000000000000000000000000027100000000000000000000000100000000000000000000000000000000000';
const RESPONSE =
  '00000025000000000000271001000036a783000000000010df73922a80e19eb455cf3f30c9ed6f4d00';
// Recorded: what a server says about a session that it does not know.
const EXPIRED = `0000002500000000${'00'.repeat(12)}00000010${'00'.repeat(17)}`;
// Recorded: a read-only server without local sessions.
const REFUSAL = '00000010000000000000000000000000ffffff89';

/** A reader at the body of a frame. */
function body(hex: string): JuteReader {
  const bytes = Buffer.from(hex, 'hex');
  const reader = JuteReader.over(bytes);
  reader.frame(0, bytes.length);
  return reader;
}

/** The frame without its last byte, and with a length that fits again. */
function withoutReadOnly(hex: string): string {
  const bytes = Buffer.from(hex, 'hex').subarray(0, -1);
  bytes.writeInt32BE(bytes.length - 4);
  return bytes.toString('hex');
}

function withLastByte(hex: string, byte: string): string {
  return hex.slice(0, -2) + byte;
}

function written(write: (writer: JuteWriter) => void): string {
  const writer = JuteWriter.standalone();
  writer.beginFrame();
  write(writer);
  writer.endFrame();
  return writer.finished().toString('hex');
}

describe('connect request', () => {
  it.each([
    ['absent', withoutReadOnly(REQUEST), undefined],
    ['false', REQUEST, false],
    ['true', withLastByte(REQUEST, '01'), true],
    ['true for any byte but 0', withLastByte(REQUEST, '02'), true],
  ])('reads a readOnly byte that is %s', (_name, hex, readOnly) => {
    expect(readConnectHandshake(body(hex))).toEqual({
      protocolVersion: 0,
      lastZxidSeen: 0n,
      timeOut: 10000,
      sessionId: 0n,
      passwd: Buffer.alloc(16),
      readOnly,
    });
  });

  it('reads an empty and a null password', () => {
    const start = `${'00'.repeat(12)}00002710${'00'.repeat(8)}`;
    expect(readConnectHandshake(body(`0000001c${start}00000000`)).passwd).toEqual(Buffer.alloc(0));
    expect(readConnectHandshake(body(`0000001d${start}ffffffff01`))).toMatchObject({
      passwd: null,
      readOnly: true,
    });
  });

  it('writes what the Java client writes', () => {
    const passwd = Buffer.alloc(16);
    expect(written((w) => writeConnectHandshake(w, 0n, 10000, 0n, passwd, false))).toBe(REQUEST);
    expect(written((w) => writeConnectHandshake(w, 0n, 10000, 0n, passwd, undefined))).toBe(
      withoutReadOnly(REQUEST),
    );
  });

  it('refuses every other size, at the length prefix', () => {
    for (let bytes = 0; bytes <= 64; bytes++) {
      if ([28, 29, 44, 45].includes(bytes)) continue;
      const error = wireFailure(() => readConnectHandshake(body('00'.repeat(4 + bytes))));
      expect([error.code, error.offset]).toEqual(['BAD_HANDSHAKE', 0]);
    }
  });

  it('refuses a password that does not fill the frame', () => {
    const error = wireFailure(() => readConnectHandshake(body('00'.repeat(4 + 44))));
    expect([error.code, error.offset]).toEqual(['BAD_HANDSHAKE', 32]);
  });
});

describe('connect answer', () => {
  it.each([
    ['absent', withoutReadOnly(RESPONSE), undefined],
    ['false', RESPONSE, false],
    ['true', withLastByte(RESPONSE, '01'), true],
  ])('reads a readOnly byte that is %s', (_name, hex, readOnly) => {
    const answer = readConnectAnswer(body(hex));
    expect(isConnectRefusal(answer)).toBe(false);
    expect(answer).toEqual({
      protocolVersion: 0,
      timeOut: 10000,
      sessionId: 0x01000036a7830000n,
      passwd: Buffer.from('df73922a80e19eb455cf3f30c9ed6f4d', 'hex'),
      readOnly,
    });
  });

  it('reads "no such session"', () => {
    expect(readConnectAnswer(body(EXPIRED))).toMatchObject({ timeOut: 0, sessionId: 0n });
  });

  it('reads the 16-byte refusal of a read-only server', () => {
    const answer = readConnectAnswer(body(REFUSAL));
    expect(isConnectRefusal(answer)).toBe(true);
    expect(answer).toEqual({ refused: -119, zxid: 0n });
    expect(written((w) => writeConnectRefusal(w, -119))).toBe(REFUSAL);
  });

  it.each([
    ['an xid', '00000010000000010000000000000000ffffff89'],
    ['no error', '0000001000000000000000000000000000000000'],
  ])('refuses 16 bytes with %s', (_name, hex) => {
    const error = wireFailure(() => readConnectAnswer(body(hex)));
    expect([error.code, error.offset]).toEqual(['BAD_HANDSHAKE', 4]);
  });

  it('writes what the server writes', () => {
    const passwd = Buffer.from('df73922a80e19eb455cf3f30c9ed6f4d', 'hex');
    const id = 0x01000036a7830000n;
    expect(written((w) => writeConnectAcceptance(w, 10000, id, passwd, false))).toBe(RESPONSE);
    expect(written((w) => writeConnectAcceptance(w, 10000, id, passwd, undefined))).toBe(
      withoutReadOnly(RESPONSE),
    );
  });

  it('refuses every other size, at the length prefix', () => {
    for (let bytes = 0; bytes <= 64; bytes++) {
      if ([16, 36, 37].includes(bytes)) continue;
      const error = wireFailure(() => readConnectAnswer(body('00'.repeat(4 + bytes))));
      expect([error.code, error.offset]).toEqual(['BAD_HANDSHAKE', 0]);
    }
  });

  it.each(['fffffffe', '7fffffff', '00000015'])('refuses a password length of %s', (length) => {
    const hex = `${RESPONSE.slice(0, 40)}${length}${RESPONSE.slice(48)}`;
    const error = wireFailure(() => readConnectAnswer(body(hex)));
    expect([error.code, error.offset]).toEqual(['BAD_LENGTH', 20]);
  });
});
