import { readGetDataResponse } from '../../../src/codec/records.gen.ts';
import { RequestError, type ZkwireError } from '../../../src/errors.ts';
import { Pipeline } from '../../../src/pipeline/pipeline.ts';
import type { PipelineEvents, PipelineOptions } from '../../../src/pipeline/pipeline-options.ts';
import type { WaitLimits } from '../../../src/pipeline/request-settler.ts';
import { beginGet, type SentFrame, sentFrames } from './frames.ts';
import { ScriptedLink } from './scripted-link.ts';

/** A pipeline on a scripted link, with everything that happens to it in one list. */
export interface Scene {
  readonly link: ScriptedLink;
  readonly pipeline: Pipeline;
  /** What happened, in order: `value`, `CODE/outcome`, `notification /path`, `end CODE`, ... */
  readonly log: string[];
  readonly thrown: [unknown, string][];
  readonly ends: ZkwireError[];
  /** Runs the scheduled flush. */
  tick(): void;
  readonly sent: SentFrame[];
  /** A getData whose promise logs `name=data` or `name=CODE/outcome`. */
  get(name: string, limits?: WaitLimits): Promise<unknown>;
  /** A getData whose callback does `then` after it has logged likewise. */
  lend(name: string, then?: (error: RequestError | null) => void, limits?: WaitLimits): void;
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
    link,
    pipeline,
    log,
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
  };
}

/** `CODE/outcome` of a request's failure. */
export function shown(error: unknown): string {
  return error instanceof RequestError ? `${error.code}/${error.outcome}` : String(error);
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
