import type { CallOptions, StateEvent, ZooKeeperClient } from '../client/index.ts';
import { ZkwireError } from '../errors.ts';
import { RECIPE_RETRY_MS_MAX, RECIPE_RETRY_MS_MIN } from '../limits.ts';
import { onStates } from './client-states.ts';

/** What is kept up. */
export interface Task {
  /** Makes everything as it should be. Called again after each `wake`, each new session and each failure. */
  step(limits: CallOptions): Promise<void>;
  /** A step has failed; it is tried again. Not called for what an interruption or the end of the client causes. */
  failed(error: ZkwireError): void;
  /** Something has happened to the session; told before the next step begins. */
  state?(event: StateEvent): void;
}

/**
 * Keeps something as it should be, over lost connections and expired sessions, by doing the same
 * step again: one at a time, and once more when it was woken meanwhile, so that nothing is missed.
 */
export class Upkeep {
  readonly #task: Task;
  readonly #unlisten: () => void;
  readonly #first: Promise<void>;
  readonly #running: Promise<void>;
  #started: (error: ZkwireError | null) => void = () => {};
  #interruption = new AbortController();
  /** A step has to be done. */
  #due = true;
  #finished = false;
  /** The last step failed since the session had expired, and nothing was told of the session since. */
  #isExpired = false;
  /** Ends the wait for something to do, or the pause after a failure. */
  #goOn: () => void = () => {};

  constructor(zk: ZooKeeperClient, task: Task) {
    this.#task = task;
    this.#unlisten = onStates(zk, (event) => this.#state(event));
    this.#first = new Promise((resolve, reject) => {
      this.#started = (error) => (error === null ? resolve() : reject(error));
    });
    this.#first.catch(() => {});
    // Not within the constructor of whoever has it made.
    this.#running = Promise.resolve().then(() => this.#run());
  }

  /** Resolves with the first step that succeeds; rejects when a server refuses it, or the client ends before. */
  get first(): Promise<void> {
    return this.#first;
  }

  /** Resolves when there will be no more steps. */
  get ended(): Promise<void> {
    return this.#running;
  }

  /** No step is due, whether or not one is under way. */
  get isIdle(): boolean {
    return !this.#due;
  }

  /** Another step is due. */
  wake(): void {
    this.#due = true;
    this.#goOn();
  }

  /** Gives up the step under way, if there is one, and begins another. */
  interrupt(): void {
    const interruption = this.#interruption;
    this.#interruption = new AbortController();
    interruption.abort();
    this.wake();
  }

  /** No more steps; the one under way is given up. */
  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#unlisten();
    this.interrupt();
  }

  async #run(): Promise<void> {
    let pauseMs = RECIPE_RETRY_MS_MIN;
    while (!this.#finished) {
      this.#due = false;
      const { signal } = this.#interruption;
      try {
        await this.#task.step({ signal });
        pauseMs = RECIPE_RETRY_MS_MIN;
        this.#started(null);
        if (!this.#due) await this.#change();
      } catch (cause) {
        this.#due = true;
        if (signal.aborted) continue;
        const error = cause as ZkwireError;
        if (this.#isEnd(error)) break;
        // Whoever asks first is told of a refusal; later ones may be over by themselves.
        if (isRefusal(error)) this.#started(error);
        this.#task.failed(error);
        await this.#change(pauseMs);
        pauseMs = Math.min(pauseMs * 2, RECIPE_RETRY_MS_MAX);
      }
    }
    this.finish();
    this.#started(new ZkwireError('CONNECTION_CLOSED', 'the client has ended'));
  }

  /** Whether the client had ended before, so that nobody tells. */
  #isEnd({ code }: ZkwireError): boolean {
    if (code === 'CONNECTION_CLOSED' || code === 'AUTH_FAILED') return true;
    // A client that goes on says `expired` before each of these.
    const isAgain = this.#isExpired && code === 'SESSION_EXPIRED';
    this.#isExpired = code === 'SESSION_EXPIRED';
    return isAgain;
  }

  /** Waits until there is something to do, or so long. */
  #change(waitMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = waitMs === undefined ? undefined : setTimeout(resolve, waitMs);
      this.#goOn = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#finished) this.#goOn();
    });
  }

  #state(event: StateEvent): void {
    this.#isExpired = false;
    this.#task.state?.(event);
    if (event.state === 'session') this.wake();
    // A client that has ended gives its word: nothing can be kept up any more.
    if (event.state === 'closed') this.finish();
  }
}

/** Codes of requests that will never do. */
const NEVER_SENT: ReadonlySet<string> = new Set(['BAD_ARGUMENT', 'REQUEST_TOO_LARGE']);

function isRefusal(error: ZkwireError): boolean {
  return ('outcome' in error && error.outcome === 'rejected') || NEVER_SENT.has(error.code);
}
