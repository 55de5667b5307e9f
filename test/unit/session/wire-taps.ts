import {
  JuteWriter,
  OP,
  writeConnectAcceptance,
  writeConnectHandshake,
} from '../../../src/codec/index.ts';
import type { Pipeline } from '../../../src/pipeline/pipeline.ts';
import { Connection } from '../../../src/session/connection.ts';
import { WireTap, type WireTapOptions } from '../../../src/session/wire-tap.ts';
import type { ByteLink, LinkHandler } from '../../../src/transport/index.ts';
import { beginGet } from '../pipeline/frames.ts';
import { settled } from '../pipeline/pipelines.ts';
import { ScriptedLink } from '../pipeline/scripted-link.ts';
import { ManualClock } from './manual-clock.ts';

/** Wire taps for tests, with all that they say. */

export const HOST = 'server.test:2181';
const PASSWORD = Buffer.from('session-password');

/** One frame, its record written by `write`. */
function frame(write: (writer: JuteWriter) => void): Buffer {
  const writer = JuteWriter.standalone();
  writer.beginFrame();
  write(writer);
  writer.endFrame();
  return writer.finished();
}

export const HELLO: Buffer = frame((writer) =>
  writeConnectHandshake(writer, 0n, 30_000, 0n, PASSWORD, false),
);
export const WELCOME: Buffer = frame((writer) =>
  writeConnectAcceptance(writer, 12_000, 0x77n, PASSWORD, false),
);

/** A request for the data of a node. */
export function getRequest(xid: number, path = '/a'): Buffer {
  return frame((writer) => {
    writer.int(xid);
    writer.int(OP.getData);
    writer.ustring(path);
    writer.bool(false);
  });
}

export interface Taker extends LinkHandler {
  readonly offered: string[];
  readonly ends: string[];
}

/** A handler that keeps what it is offered, and takes as many bytes of it as `take` says. */
export function taker(take: (offeredBytes: number) => number = (bytes) => bytes): Taker {
  const offered: string[] = [];
  const ends: string[] = [];
  return {
    offered,
    ends,
    wantedBytes: 12,
    onBytes: (slab, start, end) => {
      offered.push(slab.bytes.toString('latin1', start, end));
      return start + take(end - start);
    },
    onDrain: () => void offered.push('drain'),
    onEnd: (error) => void ends.push(error.code),
  };
}

export interface Scene {
  readonly link: ScriptedLink;
  readonly clock: ManualClock;
  readonly tap: WireTap;
  readonly tapped: ByteLink;
  readonly lines: string[];
  readonly errors: [unknown, string][];
  send(...frames: readonly Buffer[]): void;
}

/** A tapped link. */
export function scene(options: Partial<WireTapOptions> = {}): Scene {
  const link = new ScriptedLink();
  const clock = new ManualClock();
  const lines: string[] = [];
  const errors: [unknown, string][] = [];
  const tap = new WireTap({
    onLine: (line) => void lines.push(line),
    nowMs: () => clock.nowMs(),
    onCallbackError: (error, where) => void errors.push([error, where]),
    ...options,
  });
  const tapped = tap.tap(link);
  const send = (...frames: readonly Buffer[]): void => sendOn(tapped, ...frames);
  return { link, clock, tap, tapped, lines, errors, send };
}

export function sendOn(link: ByteLink, ...frames: readonly Buffer[]): void {
  const bytes = Buffer.concat(frames);
  const slab = link.pool.acquire(bytes.length);
  bytes.copy(slab.bytes);
  link.write(slab, 0, bytes.length);
}

/** A scene whose handshake is over, with a taker of everything. */
export function greeted(
  options: Partial<WireTapOptions> = {},
): Scene & { readonly handler: Taker } {
  const opened = scene(options);
  const handler = taker();
  opened.tapped.start(handler);
  opened.send(HELLO);
  opened.link.deliver(WELCOME);
  opened.lines.length = 0;
  return { ...opened, handler };
}

/** A scene with a session and a pipeline on it. */
export async function connected(
  options: Partial<WireTapOptions> = {},
): Promise<Scene & { readonly pipeline: Pipeline }> {
  const opened = scene(options);
  const { link, clock, tapped } = opened;
  const opening = Connection.open(() => Promise.resolve(tapped), HOST, { clock });
  await settled();
  link.deliver(WELCOME);
  return { ...opened, pipeline: (await opening).pipeline };
}

export function get(pipeline: Pipeline, path: string, then: () => void = () => {}): void {
  beginGet(pipeline, path);
  pipeline.callback(() => {}, then);
  pipeline.flush();
}

/** `> #1 getData` and the like of each line. */
export function gists(lines: readonly string[]): string[] {
  return lines.map((line) => line.split(' ').slice(3, 6).join(' '));
}
