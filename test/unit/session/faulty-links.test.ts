import { describe, expect, it } from 'vitest';
import { writeConnectAcceptance } from '../../../src/codec/connect.ts';
import { FRAME_INCOMPLETE, FrameCutter } from '../../../src/codec/frame-cutter.ts';
import { JuteWriter } from '../../../src/codec/jute-writer.ts';
import { readGetDataResponse } from '../../../src/codec/records.gen.ts';
import { type Slab, SlabPool } from '../../../src/codec/slab-pool.ts';
import { ConnectError, LinkError, RequestError } from '../../../src/errors.ts';
import { Connection } from '../../../src/session/connection.ts';
import {
  type ByteLink,
  faultyLink,
  type LinkFaults,
  type LinkHandler,
  memoryLinkPair,
} from '../../../src/transport/index.ts';
import { beginGet, dataReply, notification } from '../pipeline/frames.ts';
import { settled } from '../pipeline/pipelines.ts';
import { ManualClock } from './manual-clock.ts';

const REQUESTS = 6;

function accepted(): Buffer {
  const writer = JuteWriter.standalone();
  writer.beginFrame();
  writeConnectAcceptance(writer, 12_000, 0x77n, Buffer.alloc(16), false);
  writer.endFrame();
  return writer.finished();
}

/** Answers the handshake, and every request with its xid, a watch event now and then between. */
class CannedServer implements LinkHandler {
  readonly xids: number[] = [];
  readonly #link: ByteLink;
  readonly #cutter = new FrameCutter();
  #greeted = false;
  constructor(link: ByteLink) {
    this.#link = link;
    link.start(this);
  }
  get wantedBytes(): number {
    return this.#cutter.wantedBytes;
  }
  onBytes(slab: Slab, start: number, end: number): number {
    let at = start;
    for (;;) {
      let next: number;
      try {
        next = this.#cutter.cut(slab.view, at, end);
      } catch (cause) {
        this.#link.destroy(new LinkError('PROTOCOL_VIOLATION', this.#link.host, cause));
        return end;
      }
      if (next === FRAME_INCOMPLETE) return at;
      this.#answer(next - at < 8 ? 0 : slab.view.getInt32(at + 4));
      at = next;
    }
  }
  onDrain(): void {}
  onEnd(): void {}
  #answer(xid: number): void {
    if (!this.#greeted) this.#send(accepted());
    else {
      this.xids.push(xid);
      if (xid % 3 === 0) this.#send(notification('/w'));
      this.#send(dataReply(xid, `value ${xid}`));
    }
    this.#greeted = true;
  }
  #send(bytes: Buffer): void {
    const slab = this.#link.pool.acquire(bytes.length);
    bytes.copy(slab.bytes);
    this.#link.write(slab, 0, bytes.length);
  }
}

interface Story {
  /** Per request: its value, or `CODE/outcome`; null while it waits. */
  readonly answers: readonly (string | null)[];
  readonly settlements: number;
  readonly connectError: unknown;
  /** Xids that reached the server whole. */
  readonly served: readonly number[];
  readonly outstanding: number;
  readonly timers: number;
}

/** A connection over a link that breaks as `faults` says; at the end silence is noticed and it is closed. */
async function live(faults: LinkFaults): Promise<Story> {
  const pool = new SlabPool({ poison: true });
  const pair = memoryLinkPair({ pool, delivery: 'microtask' });
  const server = new CannedServer(pair.server);
  const clock = new ManualClock();
  const link = faultyLink(pair.client, faults);
  const answers: (string | null)[] = new Array(REQUESTS).fill(null);
  let settlements = 0;
  let connectError: unknown = null;
  const opening = Connection.open(() => Promise.resolve(link), 'memory', { clock });
  let opened = false;
  const outcome = opening.then(
    (connection) => {
      opened = true;
      return connection;
    },
    (error: unknown) => {
      connectError = error;
      return null;
    },
  );
  await settled();
  if (!opened) clock.advance(10_000);
  const connection = await outcome;
  if (connection !== null) {
    for (let index = 0; index < REQUESTS; index++) {
      const settle = (text: string): void => {
        settlements++;
        answers[index] = text;
      };
      try {
        beginGet(connection.pipeline, `/n${index}`);
        connection.pipeline.promise(readGetDataResponse).then(
          ({ data }) => settle(String(data)),
          (error: RequestError) => settle(`${error.code}/${error.outcome}`),
        );
      } catch (error) {
        expect(error).toBeInstanceOf(RequestError);
        settle(`${(error as RequestError).code}/${(error as RequestError).outcome}`);
      }
      if (index === 2) await settled();
    }
    await settled();
    if (settlements < REQUESTS) clock.advance(10_000);
    await settled();
    const closing = connection.close();
    await settled();
    if (!connection.pipeline.ended) clock.advance(10_000);
    await closing;
  }
  await settled();
  const outstanding = pool.counters().outstanding;
  return {
    answers,
    settlements,
    connectError,
    served: server.xids,
    outstanding,
    timers: clock.timers,
  };
}

function check(story: Story, where: string): void {
  expect([story.outstanding, story.timers], where).toEqual([0, 0]);
  if (story.connectError !== null) {
    expect(story.connectError, where).toBeInstanceOf(ConnectError);
    return;
  }
  expect(story.settlements, where).toBe(REQUESTS);
  story.answers.forEach((answer, index) => {
    const xid = index + 1;
    if (answer === `value ${xid}`) expect(story.served, where).toContain(xid);
    else if (answer?.endsWith('/not-sent')) expect(story.served, where).not.toContain(xid);
    else expect(answer, where).toMatch(/^(CONNECTION_LOSS|BAD_REPLY)\/unknown$/);
  });
}

/** Bytes of the whole conversation in each direction, roughly: faults behind the end do nothing. */
const SENT_BYTES = 49 + REQUESTS * 20 + 30;
const RECEIVED_BYTES = 41 + REQUESTS * 110 + 100;

describe('a connection over a link that', () => {
  it('is sound answers everything', async () => {
    const story = await live({});
    check(story, 'sound');
    expect(story.answers).toEqual(Array.from({ length: REQUESTS }, (_, i) => `value ${i + 1}`));
  });

  it('slices its bytes answers everything', async () => {
    for (const sliceBytes of [1, 2, 3, [5, 1, 40]]) {
      const story = await live({ send: { sliceBytes }, receive: { sliceBytes } });
      check(story, `slices of ${sliceBytes}`);
      expect(story.answers.at(-1)).toBe(`value ${REQUESTS}`);
    }
  });

  it('is cut, at any byte it sends: every request settles once, with its outcome', async () => {
    for (let cutAt = 0; cutAt < SENT_BYTES; cutAt++) {
      check(await live({ send: { cutAt } }), `send cut at ${cutAt}`);
    }
  });

  it('is cut, at any byte it receives: likewise', async () => {
    for (let cutAt = 0; cutAt < RECEIVED_BYTES; cutAt += 3) {
      check(await live({ receive: { cutAt } }), `receive cut at ${cutAt}`);
    }
  });

  it('stalls, either way: silence is noticed', async () => {
    for (let stallAt = 0; stallAt < RECEIVED_BYTES; stallAt += 29) {
      check(await live({ receive: { stallAt } }), `receive stalls at ${stallAt}`);
      if (stallAt < SENT_BYTES)
        check(await live({ send: { stallAt } }), `send stalls at ${stallAt}`);
    }
  });

  it('swallows a byte of what it receives: nobody gets an answer that is not theirs', async () => {
    for (let from = 0; from < RECEIVED_BYTES; from += 2) {
      const story = await live({ receive: { drop: { from, to: from + 1 } } });
      expect([story.outstanding, story.timers], `drops ${from}`).toEqual([0, 0]);
      if (story.connectError === null) expect(story.settlements, `drops ${from}`).toBe(REQUESTS);
      story.answers.forEach((answer, index) => {
        const value = /^value (\d)$/.exec(answer ?? '');
        if (value !== null) expect(Number(value[1]), `drops ${from}`).toBe(index + 1);
      });
    }
  });
});
