import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readGetDataResponse } from '../../src/codec/records.gen.ts';
import { RequestError, ZkwireError } from '../../src/errors.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import type { PipelineEvents } from '../../src/pipeline/pipeline-options.ts';
import type { WaitLimits } from '../../src/pipeline/wait-limits.ts';
import {
  beginGet,
  dataReply,
  pong,
  reply,
  sentFrames,
  sentPaths,
} from '../unit/pipeline/frames.ts';
import { listeners, settled } from '../unit/pipeline/pipelines.ts';
import { ScriptedLink } from '../unit/pipeline/scripted-link.ts';
import { fastCheckOptions, seedNote } from './seed.ts';

const RUNS = 500;

/** Of one run: what each step and each callback does. */
const CHOICES = { minLength: 100, maxLength: 400, size: 'max' } as const;

/** How deep callbacks act in callbacks. */
const DEPTH_MAX = 4;

const ODD = new Error('odd');

/** A connection, and how many of its requests the server has answered. */
interface Connection {
  readonly link: ScriptedLink;
  readonly pipeline: Pipeline;
  answered: number;
  isReading: boolean;
}

/**
 * Connections that come and go under requests whose callbacks, signals and clocks do anything at any
 * moment: ask for more, abort, drop the connection, move what is left to the next.
 */
class Upheaval {
  readonly links: ScriptedLink[] = [];
  /** What each request heard, by its path. */
  readonly heard = new Map<string, (string | RequestError)[]>();
  readonly controllers: AbortController[] = [];
  /** Listeners of odd signals: added, less removed. */
  oddListeners = 0;
  readonly faults: unknown[] = [];
  readonly #choices: readonly number[];
  #next = 0;
  #depth = 0;
  #nowMs = 0;
  #flushes: (() => void)[] = [];
  #connection: Connection | null = null;
  #parked: Pipeline;

  constructor(choices: readonly number[]) {
    this.#choices = choices;
    this.#parked = this.#park();
  }

  run(): void {
    while (this.#next < this.#choices.length) this.#act();
    // Whatever happens in callbacks from now on, it is choice 0.
    this.#connection?.link.over();
    this.#parked.refuse('SESSION_LOST', new ZkwireError('OVER', 'over'));
  }

  /** A number below `bound`. */
  #choose(bound: number): number {
    const choice = this.#choices[this.#next++] ?? 0;
    return choice % bound;
  }

  /** In somebody's callback: often nothing. */
  #maybeAct(): void {
    if (this.#choose(3) !== 1 || this.#depth >= DEPTH_MAX) return;
    this.#depth++;
    this.#act();
    this.#depth--;
  }

  #act(): void {
    const connection = this.#connection;
    const choice = this.#choose(12);
    if (choice < 5) this.#ask();
    else if (choice < 7) this.#answer(connection);
    else if (choice === 7) this.#flush();
    else if (choice === 8) this.#controller().abort('enough');
    else if (choice === 9) this.#sweep();
    else if (connection === null) {
      // A handshake is never over inside somebody's callback.
      if (this.#depth === 0) this.#connect();
    } else if (choice === 10) this.#press(connection);
    else connection.link.over();
  }

  get #pipeline(): Pipeline {
    return this.#connection?.pipeline ?? this.#parked;
  }

  #ask(): void {
    const path = `/p${this.heard.size}`;
    const heard: (string | RequestError)[] = [];
    this.heard.set(path, heard);
    const settle = (error: Error | null, value: { data: Buffer | null } | undefined): void => {
      heard.push(error === null ? String(value?.data) : (error as RequestError));
      this.#maybeAct();
    };
    const limits = this.#limits();
    const kind = this.#choose(3);
    const pipeline = this.#pipeline;
    try {
      beginGet(pipeline, path);
      if (kind === 0) pipeline.callback(readGetDataResponse, settle, limits);
      else if (kind === 1) {
        const resolve = (value: { data: Buffer | null }): void => settle(null, value);
        pipeline.settle(readGetDataResponse, resolve, (error) => settle(error, undefined), limits);
      } else {
        const answer = pipeline.promise(readGetDataResponse, limits);
        answer.then(
          (value) => void heard.push(String(value.data)),
          (error: RequestError) => void heard.push(error),
        );
      }
    } catch (error) {
      heard.push(error as RequestError);
    }
  }

  #limits(): WaitLimits | undefined {
    const choice = this.#choose(6);
    if (choice < 2) return undefined;
    if (choice === 2) return { deadlineMs: this.#nowMs + this.#choose(4) };
    const signal = choice === 3 ? this.#oddSignal() : this.#controller().signal;
    return choice === 5 ? { signal, deadlineMs: this.#nowMs + this.#choose(4) } : { signal };
  }

  /** One of three that are still good for something. */
  #controller(): AbortController {
    const live = this.controllers.slice(-3);
    const found = live[this.#choose(4)];
    if (found !== undefined && !found.signal.aborted) return found;
    const made = new AbortController();
    this.controllers.push(made);
    return made;
  }

  #oddSignal(): AbortSignal {
    const touched = (): void => {
      this.#maybeAct();
      if (this.#choose(8) === 5) throw ODD;
    };
    const signal = {
      reason: 'odd',
      get aborted(): boolean {
        touched();
        return false;
      },
      addEventListener: (): void => {
        this.oddListeners++;
        touched();
      },
      removeEventListener: (): void => {
        this.oddListeners--;
        touched();
      },
    };
    return signal as unknown as AbortSignal;
  }

  #answer(connection: Connection | null): void {
    if (connection === null || connection.isReading || connection.pipeline.ended) return;
    const sent = sentFrames(connection.link.writes).filter(({ xid }) => xid > 0);
    const paths = sentPaths(sent);
    const replies: Buffer[] = [];
    for (let count = this.#choose(4); count > 0 && connection.answered < sent.length; count--) {
      const { xid } = sent[connection.answered]!;
      const path = paths[connection.answered]!;
      connection.answered++;
      const isRefused = this.#choose(5) === 4;
      replies.push(isRefused ? reply(xid, { err: -101 }) : dataReply(xid, path));
      if (this.#choose(4) === 3) replies.push(pong());
    }
    const bytes = Buffer.concat(replies);
    const split = this.#choose(bytes.length + 1);
    connection.isReading = true;
    for (const part of [bytes.subarray(0, split), bytes.subarray(split)]) {
      if (part.length > 0 && !connection.pipeline.ended) connection.link.deliver(part);
    }
    connection.isReading = false;
  }

  #flush(): void {
    this.#connection?.pipeline.ping();
    for (const flush of this.#flushes.splice(0)) flush();
  }

  #sweep(): void {
    this.#nowMs++;
    this.#parked.sweep(this.#nowMs);
    this.#connection?.pipeline.sweep(this.#nowMs);
  }

  #press({ link }: Connection): void {
    if (link.accepts) link.accepts = false;
    else link.drain();
  }

  #connect(): void {
    const link = new ScriptedLink({ slabBytes: 512 });
    this.links.push(link);
    const pipeline = new Pipeline(link, {
      lastXid: 2 ** 31 - 4,
      requestsMax: 20,
      schedule: (flush) => void this.#flushes.push(flush),
      events: { ...this.#events(), onLost: () => this.#lost(connection) },
    });
    const connection: Connection = { link, pipeline, answered: 0, isReading: false };
    this.#connection = connection;
    link.start(pipeline);
    link.onWrite = () => this.#maybeAct();
    if (this.#choose(3) === 0) pipeline.hold();
    this.#parked.moveUnsentTo(pipeline);
    pipeline.release();
  }

  #lost({ pipeline }: Connection): void {
    if (this.#connection?.pipeline !== pipeline) return;
    this.#connection = null;
    const before = this.#parked;
    this.#parked = this.#park();
    pipeline.moveUnsentTo(this.#parked);
    if (!before.ended) before.moveUnsentTo(this.#parked);
  }

  #park(): Pipeline {
    return Pipeline.parked({ events: this.#events(), requestsMax: 20 });
  }

  #events(): PipelineEvents {
    return {
      onPing: () => this.#maybeAct(),
      onCallbackError: (error) => {
        if (error !== ODD) this.faults.push(error);
      },
    };
  }
}

function check(upheaval: Upheaval): void {
  expect(upheaval.faults).toEqual([]);
  const sent = new Set<string>();
  for (const { writes, pool, destroyed } of upheaval.links) {
    const frames = sentFrames(writes).filter(({ xid }) => xid > 0);
    const xids = frames.map(({ xid }) => xid);
    const wrapped = xids.map(
      (_, index) => [2 ** 31 - 3, 2 ** 31 - 2, 2 ** 31 - 1][index] ?? index - 2,
    );
    expect(xids).toEqual(wrapped);
    for (const path of sentPaths(frames)) {
      expect(sent.has(path)).toBe(false);
      sent.add(path);
    }
    expect(pool.counters().outstanding).toBe(0);
    expect(destroyed?.code).toBe('LINK_CLOSED');
  }
  for (const [path, heard] of upheaval.heard) {
    expect(heard).toHaveLength(1);
    const [one] = heard;
    if (typeof one === 'string') expect(one).toBe(path);
    else {
      expect(one).toBeInstanceOf(RequestError);
      if (one?.outcome === 'not-sent') expect(sent.has(path)).toBe(false);
      if (one?.outcome === 'rejected') expect(sent.has(path)).toBe(true);
    }
  }
  expect(upheaval.oddListeners).toBe(0);
  for (const { signal } of upheaval.controllers) expect(listeners(signal)).toBe(0);
}

it('every request is told once, whatever callbacks and signals do', async () => {
  let requests = 0;
  let values = 0;
  let connections = 0;
  const property = fc.asyncProperty(fc.array(fc.nat(59), CHOICES), async (choices) => {
    const upheaval = new Upheaval(choices);
    upheaval.run();
    await settled();
    check(upheaval);
    requests += upheaval.heard.size;
    connections += upheaval.links.length;
    values += [...upheaval.heard.values()].filter(([one]) => typeof one === 'string').length;
  });
  await fc.assert(property, fastCheckOptions(RUNS));
  console.log(
    `upheaval: ${RUNS} runs, ${connections} connections, ${requests} requests, ${values} values, ${seedNote()}`,
  );
  expect(values).toBeGreaterThan(requests / 20);
});
