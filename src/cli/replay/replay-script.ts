import { FRAME_INCOMPLETE, FrameCutter, type Packet } from '../../codec/index.ts';
import { StreamBuffer } from '../../codec/stream-buffer.ts';
import { MaskedConversation, type MaskOptions } from '../../conform/masked-conversation.ts';
import { ruinousRequest } from '../../conform/ruinous-requests.ts';
import { FRAME_BODY_BYTES_CEILING, FRAME_BODY_BYTES_MAX, REPLY_EXTRA_BYTES } from '../../limits.ts';
import { type CapturedRead, CaptureError } from '../read-capture.ts';
import { isTlsHello } from '../tls-hello.ts';

/** One thing that a side of the recorded conversation sent. */
export interface ReplayStep {
  /** Its place in the conversation, from 0. */
  readonly index: number;
  readonly conn: number;
  readonly dir: 'c2s' | 's2c';
  /** When it was whole, in milliseconds; undefined when the capture does not say. */
  readonly tMs: number | undefined;
  /** A frame without its length, or bytes that are no frame. */
  readonly body: Buffer;
  /** What the frame is; null for bytes that are none: a four-letter word, its answer, what follows a wrong length. */
  readonly packet: Packet | null;
}

/** A recorded conversation, cut into frames. */
export interface ReplayScript {
  readonly steps: readonly ReplayStep[];
  /** The recorded side, for comparisons. It knows all the requests. */
  readonly recorded: MaskedConversation;
  /** What is masked on both sides. */
  readonly masks: MaskOptions;
  /** Largest frame that the server may send: above what it sent then. */
  readonly answerBytesMax: number;
}

/**
 * Cuts a capture into what was sent. Bytes of a frame that did not become whole are left out.
 *
 * Throws a CaptureError when there is nothing to send, or when the client sent one of the two requests
 * that servers do not survive.
 */
export function replayScript(
  reads: Iterable<CapturedRead>,
  file: string,
  masks: MaskOptions,
): ReplayScript {
  const recorded = new MaskedConversation({
    ...masks,
    frameBodyBytesMax: FRAME_BODY_BYTES_CEILING,
  });
  const steps: ReplayStep[] = [];
  const streams = new Map<string, RecordedStream>();
  const asked = new Set<number>();
  let longestAnswerBytes = FRAME_BODY_BYTES_MAX;
  let hasTls = false;
  for (const { conn, dir, tMs, bytes } of reads) {
    const stream = streams.get(`${conn}${dir}`) ?? new RecordedStream();
    streams.set(`${conn}${dir}`, stream);
    if (dir === 's2c' && asked.has(conn)) stream.isRaw = true;
    const isFirst = !stream.hasFrames;
    if (isFirst && dir === 'c2s' && isTlsHello(bytes)) hasTls = true;
    for (const piece of stream.push(bytes, dir === 'c2s')) {
      const index = steps.length;
      const { body, isFrame } = piece;
      if (isFrame && dir === 'c2s' && !(isFirst && piece.isHandshake)) refuse(body, index, file);
      if (!isFrame && dir === 'c2s' && isFirst) asked.add(conn);
      const packet = isFrame ? recorded.push({ conn, dir, body }) : null;
      if (dir === 's2c') longestAnswerBytes = Math.max(longestAnswerBytes, body.length);
      steps.push({ index, conn, dir, tMs, body, packet });
    }
  }
  if (!steps.some(({ dir }) => dir === 'c2s')) {
    const why = hasTls
      ? 'what its clients sent is TLS, and cannot be played'
      : 'no client sends anything in it';
    throw new CaptureError(`${file}: ${why}`);
  }
  return { steps, recorded, masks, answerBytesMax: longestAnswerBytes + REPLY_EXTRA_BYTES };
}

function refuse(body: Buffer, index: number, file: string): void {
  const what = ruinousRequest(body);
  if (what === null) return;
  throw new CaptureError(
    `${file}: frame ${index} is ${what}, which servers in wide use do not survive: nothing was sent`,
  );
}

interface Piece {
  readonly body: Buffer;
  readonly isFrame: boolean;
  /** The first frame of its stream. */
  readonly isHandshake: boolean;
}

/** One direction of a recorded connection. */
class RecordedStream {
  /** From here on, what comes is no frames. */
  isRaw = false;
  hasFrames = false;
  readonly #buffer = new StreamBuffer();
  readonly #cutter = new FrameCutter(0, FRAME_BODY_BYTES_CEILING);

  *push(chunk: Buffer, mayBeWord: boolean): Generator<Piece> {
    const bytes = this.#buffer.join(chunk);
    if (mayBeWord && !this.hasFrames && /^[a-z]{4}/.test(bytes.toString('latin1', 0, 4))) {
      this.isRaw = true;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let start = 0;
    while (!this.isRaw) {
      const end = this.#end(view, start);
      if (end === FRAME_INCOMPLETE) break;
      const isHandshake = !this.hasFrames;
      this.hasFrames = true;
      yield { body: bytes.subarray(start + 4, end), isFrame: true, isHandshake };
      start = end;
    }
    if (this.isRaw && start < bytes.length) {
      yield { body: bytes.subarray(start), isFrame: false, isHandshake: false };
      start = bytes.length;
    }
    this.#buffer.keep(bytes, start);
  }

  #end(view: DataView, start: number): number {
    try {
      return this.#cutter.cut(view, start, view.byteLength);
    } catch {
      // A length below 0 leaves no next frame.
      this.isRaw = true;
      return FRAME_INCOMPLETE;
    }
  }
}
