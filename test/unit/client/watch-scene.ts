import type { AddWatchOptions, Watch } from '../../../src/client/watch.ts';
import type { OneShotKind } from '../../../src/client/watch-modes.ts';
import { Watches } from '../../../src/client/watches.ts';
import {
  JuteReader,
  OP,
  readAddWatchRequest,
  readCheckWatchesRequest,
  readRemoveWatchesRequest,
  readSetWatches,
  readSetWatches2,
  writeErrorResponse,
  writeExistsRequest,
  writeWatcherEvent,
} from '../../../src/codec/index.ts';
import type { WatchEvent, WatchListener } from '../../../src/session/index.ts';
import type { Session } from '../../../src/session/session.ts';
import type { SessionOptions } from '../../../src/session/session-options.ts';
import { reply, type SentFrame } from '../pipeline/frames.ts';
import { type ScriptedAttempt, ScriptedNetwork, turn } from '../session/scripted-network.ts';

export const CREATED = 1;
export const DELETED = 2;
export const CHANGED = 3;
export const CHILDREN = 4;

/** How servers before 3.9 answer a removal of the types 4 and 5. */
export const BAD_TYPE = -5;

/** A watch event as a server sends it. */
export function told(type: number, path: string, zxid = -1n): Buffer {
  return reply(-1, { zxid, body: (writer) => writeWatcherEvent(writer, type, 3, path) });
}

/** A request in short: `addWatch /a 0`. */
function inShort({ op, body }: SentFrame): string {
  const reader = JuteReader.over(body);
  if (op === OP.addWatch) {
    const { path, mode } = readAddWatchRequest(reader);
    return `addWatch ${path} ${mode}`;
  }
  if (op === OP.removeWatches) {
    const { path, type } = readRemoveWatchesRequest(reader);
    return `removeWatches ${path} ${type}`;
  }
  if (op === OP.checkWatches) {
    const { path, type } = readCheckWatchesRequest(reader);
    return `checkWatches ${path} ${type}`;
  }
  if (op === OP.setWatches) {
    const { relativeZxid, dataWatches, existWatches, childWatches } = readSetWatches(reader);
    return `setWatches ${relativeZxid} ${vectors({ dataWatches, existWatches, childWatches })}`;
  }
  if (op === OP.setWatches2) {
    const { relativeZxid, ...kinds } = readSetWatches2(reader);
    return `setWatches2 ${relativeZxid} ${vectors(kinds)}`;
  }
  return `op ${op}`;
}

/** `data:/a,/b child:/c`, without the empty ones. */
function vectors(kinds: Readonly<Record<string, (string | null)[] | null>>): string {
  return Object.entries(kinds)
    .filter(([, paths]) => paths?.length !== 0)
    .map(([kind, paths]) => `${kind.replace('Watches', '')}:${paths}`)
    .join(' ');
}

/** The watches of a session whose servers are the test. */
export class WatchScene {
  readonly network: ScriptedNetwork;
  readonly session: Session;
  readonly watches: Watches;
  /** What listeners heard: `name:NodeCreated /a`. */
  readonly #heard: string[] = [];
  #server: ScriptedAttempt;
  #shown = 0;
  #answered = 0;

  private constructor(network: ScriptedNetwork, server: ScriptedAttempt) {
    this.network = network;
    this.session = network.session;
    this.watches = new Watches(network.session);
    this.#server = server;
  }

  static async open(
    options?: Partial<SessionOptions>,
    connectString?: string,
  ): Promise<WatchScene> {
    const { network, first } = await ScriptedNetwork.connected(connectString, options);
    return new WatchScene(network, first);
  }

  /** What was heard since the last time. */
  heard(): string[] {
    return this.#heard.splice(0);
  }

  listener(name: string): WatchListener {
    return (event) => void this.#heard.push(`${name}:${inWords(event)}`);
  }

  watch(path: string, name: string, options: AddWatchOptions = {}): Promise<Watch> {
    const { timeoutMs, signal } = options;
    const limits = this.session.waitLimits(timeoutMs, signal);
    return this.watches.watch(path, { listener: this.listener(name), ...options }, limits);
  }

  /** A watch that stands. */
  async standing(path: string, name: string, options: AddWatchOptions = {}): Promise<Watch> {
    const opening = this.watch(path, name, options);
    await this.answer();
    const watch = await opening;
    this.sent();
    return watch;
  }

  /** A read with a watch, as the client does it: gives the flag that went out; the answer adds the watch. */
  read(kind: OneShotKind, path: string, name: string, as: OneShotKind | 'exist' = kind): boolean {
    const oneShot = this.watches.oneShot(kind, path, this.listener(name));
    const { pipeline } = this.session;
    writeExistsRequest(pipeline.begin(OP.exists, path), path, oneShot.flag);
    pipeline.callback(
      (reader) => {
        reader.offset = reader.end;
      },
      (error) => {
        if (error === null) oneShot.add(as);
      },
    );
    return oneShot.flag;
  }

  /** Requests since the last time, in short. */
  sent(): string[] {
    const { sent } = this.#server;
    const fresh = sent.slice(this.#shown).map(inShort);
    this.#shown = sent.length;
    return fresh;
  }

  /** Answers all requests that have no answer yet: OK, or with the error numbers given in their order. */
  async answer(...errors: readonly number[]): Promise<void> {
    await turn();
    const waiting = this.#server.sent.slice(this.#answered);
    this.#answered = this.#server.sent.length;
    await this.deliver(...waiting.map((request, index) => answerTo(request, errors[index] ?? 0)));
  }

  /** Answers the next request alone, with a zxid of its own. */
  async answerNext(zxid: bigint, err = 0): Promise<void> {
    await turn();
    const request = this.#server.sent[this.#answered++]!;
    await this.deliver(answerTo(request, err, zxid));
  }

  deliver(...frames: readonly Buffer[]): Promise<void> {
    return this.#server.deliver(...frames);
  }

  /** The answer to the oldest request without one, to be delivered by hand. */
  takeAnswer(err = 0, zxid = 1n): Buffer {
    return answerTo(this.#server.sent[this.#answered++]!, err, zxid);
  }

  async lose(): Promise<void> {
    await this.#server.over();
  }

  /** The next connection stands. */
  async reconnect(): Promise<void> {
    const { attempt } = this.network;
    await attempt.accept();
    this.#server = attempt;
    this.#shown = 0;
    this.#answered = 0;
  }

  async expire(): Promise<void> {
    await this.network.attempt.expire();
  }
}

function answerTo(request: SentFrame, err: number, zxid = 1n): Buffer {
  const hasBody = request.op === OP.addWatch && err === 0;
  if (!hasBody) return reply(request.xid, { err, zxid });
  return reply(request.xid, { zxid, body: (writer) => writeErrorResponse(writer, 0) });
}

export function inWords(event: WatchEvent): string {
  if (event.type === 'Ended') return `Ended(${event.reason}) ${event.path}`;
  if (event.type === 'Resync') return `Resync(${event.reason}) ${event.path}`;
  return `${event.type} ${event.path}`;
}

export { turn };
