import {
  isTtlFlag,
  JuteReader,
  OP,
  readCreateTTLRequest,
  readMultiRequest,
} from '../codec/index.ts';

/**
 * Servers in wide use cannot start again after a check outside a multi, or a createTTL whose mode has
 * no TTL. Says which of them a frame (without its length) is, or may be: what we cannot decode, a
 * server may decode all the same. Null for all other frames.
 */
export function ruinousRequest(bytes: Uint8Array): string | null {
  if (bytes.length < 8) return null;
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const reader = JuteReader.over(body);
  reader.int();
  const op = reader.int();
  if (op === OP.check) return 'a check outside a multi';
  if (op === OP.createTTL && !isSurely(() => isTtlFlag(readCreateTTLRequest(reader).flags))) {
    return 'a createTTL without a TTL mode';
  }
  if (
    op === OP.multi &&
    body.includes(CREATE_TTL_WORD) &&
    !isSurely(() => readMultiRequest(reader).every(isHarmlessStep))
  ) {
    return 'a multi with a createTTL without a TTL mode';
  }
  return null;
}

/** The last line of defence for a server under test. Throws for what {@link ruinousRequest} names. */
export function refuseRuinous(bytes: Uint8Array): void {
  const what = ruinousRequest(bytes);
  if (what !== null) throw new Error(`${what} must never be sent`);
}

const CREATE_TTL_WORD: Buffer = Buffer.from([0, 0, 0, OP.createTTL]);

function isSurely(look: () => boolean): boolean {
  try {
    return look();
  } catch {
    return false;
  }
}

function isHarmlessStep(step: { readonly op: number }): boolean {
  return step.op !== OP.createTTL || isTtlFlag((step as { flags?: number }).flags ?? -1);
}
