import { getEventListeners } from 'node:events';
import { readGetDataResponse, writeSetDataRequest } from '../../../src/codec/records.gen.ts';
import { RequestError, type ZkwireError } from '../../../src/errors.ts';
import { Pipeline } from '../../../src/pipeline/pipeline.ts';
import type { PipelineEvents, PipelineOptions } from '../../../src/pipeline/pipeline-options.ts';
import type { WaitLimits } from '../../../src/pipeline/wait-limits.ts';
import { beginGet, type SentFrame, sentFrames } from './frames.ts';
import { ScriptedLink } from './scripted-link.ts';

/** Requests of a test on one pipeline, and all that becomes of them in one list. */
export interface Requests {
  readonly pipeline: Pipeline;
  /** What happened, in order: `value`, `CODE/outcome`, `notification /path`, `end CODE`, ... */
  readonly log: string[];
  /** A getData whose promise logs `name=data` or `name=CODE/outcome`. */
  get(name: string, limits?: WaitLimits): Promise<unknown>;
  /** A getData whose callback does `then` after it has logged likewise. */
  lend(name: string, then?: (error: RequestError | null) => void, limits?: WaitLimits): void;
  /** A setData of `bytes` bytes of `fill`, whose callback logs `name=ok` or how it failed. */
  set(name: string, bytes: number, fill?: number): void;
}

/** A pipeline on a scripted link. */
export interface Scene extends Requests {
  readonly link: ScriptedLink;
  readonly thrown: [unknown, string][];
  readonly ends: ZkwireError[];
  /** Runs the scheduled flush. */
  tick(): void;
  readonly sent: SentFrame[];
  /** Xids in the order in which they were sent. */
  readonly sentXids: number[];
}

export function scene(
  options: PipelineOptions = {},
  link: ScriptedLink = new ScriptedLink(),
): Scene {
  const log: string[] = [];
  const thrown: [unknown, string][] = [];
  const ends: ZkwireError[] = [];
  let flushes: (() => void)[] = [];
  const events: PipelineEvents = {
    onNotification: (event) => void log.push(`notification ${event.path}`),
    onPing: () => void log.push('ping'),
    onEnd: (error) => {
      log.push(`end ${error.code}`);
      ends.push(error);
    },
    onCallbackError: (error, operation) => void thrown.push([error, operation]),
    ...options.events,
  };
  const schedule = (flush: () => void): void => void flushes.push(flush);
  const pipeline = new Pipeline(link, { schedule, ...options, events });
  link.start(pipeline);
  return {
    ...requestsOn(pipeline, log),
    link,
    thrown,
    ends,
    tick: () => {
      const due = flushes;
      flushes = [];
      for (const flush of due) flush();
    },
    get sent() {
      return sentFrames(link.writes);
    },
    get sentXids() {
      return sentFrames(link.writes).map(({ xid }) => xid);
    },
  };
}

/** A scene with three gets on the wire: a, b, c. */
export function threeGets(options: PipelineOptions = {}): Scene {
  const one = scene(options);
  for (const name of ['a', 'b', 'c']) void one.get(name);
  one.tick();
  return one;
}

/** A pipeline without a connection. */
export function parkedScene(options: PipelineOptions = {}): Requests {
  const log: string[] = [];
  const events: PipelineEvents = {
    onEnd: (error) => void log.push(`end ${error.code}`),
    ...options.events,
  };
  return requestsOn(Pipeline.parked({ schedule: () => {}, ...options, events }), log);
}

function requestsOn(pipeline: Pipeline, log: string[]): Requests {
  return {
    pipeline,
    log,
    get: (name, limits) => {
      beginGet(pipeline, `/${name}`);
      const answer = pipeline.promise(readGetDataResponse, limits);
      return answer.then(
        (value) => log.push(`${name}=${value.data}`),
        (error: unknown) => log.push(`${name}=${shown(error)}`),
      );
    },
    lend: (name, then, limits) => {
      beginGet(pipeline, `/${name}`);
      pipeline.callback(
        readGetDataResponse,
        (error, value) => {
          log.push(`${name}=${error === null ? value?.data : shown(error)}`);
          then?.(error);
        },
        limits,
      );
    },
    set: (name, bytes, fill = 0) => {
      const path = `/${name}`;
      writeSetDataRequest(pipeline.begin(5, path), path, Buffer.alloc(bytes, fill), -1);
      pipeline.callback(
        () => undefined,
        (error) => void log.push(`${name}=${error === null ? 'ok' : shown(error)}`),
      );
    },
  };
}

/** `CODE/outcome` of a request's failure. */
export function shown(error: unknown): string {
  return error instanceof RequestError ? `${error.code}/${error.outcome}` : String(error);
}

/** Listeners to the `abort` of a signal. */
export function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}

/** What `call` throws. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** Lets all promise jobs run that are due. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
