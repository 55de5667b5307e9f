import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { LinkError } from '../errors.ts';
import type { ByteLink } from '../transport/index.ts';
import { boundedCheck } from './bounded-check.ts';
import type { Profile, ServerCheck } from './check.ts';
import { PROFILES } from './check.ts';
import { CheckContext } from './check-context.ts';
import { type Excuses, knownDeviation, needlessExcuses } from './excuses.ts';
import { InterruptedCheck } from './failure.ts';
import { Janitor } from './janitor.ts';
import { rulesOf } from './release-rules.ts';
import { type CheckResult, type ConformanceReport, checkResult, failureText } from './result.ts';
import { findFacts, type ServerFacts, UnreachableServer } from './server-facts.ts';
import { Transcript } from './transcript.ts';
import type { Dialer } from './wire-connection.ts';

/** Options of {@link runServerChecks}. */
export interface RunOptions {
  /** Makes connections to the server: `(signal) => dial({ host, port, signal })`. */
  readonly dialer: Dialer;
  /** `host:port`, for the report. */
  readonly server: string;
  /** The checks. */
  readonly checks: readonly ServerCheck[];
  /** What to take the server for. Default: by what `srvr` says, else 3.8. */
  readonly profile?: Profile | undefined;
  /** Failures that are known. */
  readonly excuses?: Excuses | undefined;
  /** Leave out the checks that wait for time to pass. Default false. */
  readonly quick?: boolean | undefined;
  /** Longest wait for one frame, in ms. Default 5,000. */
  readonly timeoutMs?: number | undefined;
  /** Checks at once, of those that can. Default 6. */
  readonly concurrency?: number | undefined;
  /** Is told of every result as it comes. */
  readonly onResult?: ((result: CheckResult, done: number, total: number) => void) | undefined;
  /**
   * Stops the run: checks under way are given up, and what all of them made is removed. Before the first check
   * it rejects with the signal's reason.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Longest wait for a frame. */
const TIMEOUT_MS = 5_000;

/** Checks at once: their connections stay below the 60 that a server grants one address. */
const CONCURRENCY = 6;

/** A check gets so many times the wait for one frame. */
const TIMEOUTS_A_CHECK = 6;

/**
 * Runs checks against a server. It is written to below `/zkwire-conform-…`, which is removed again.
 * Rejects with an UnreachableServer when no session is granted.
 */
export async function runServerChecks(options: RunOptions): Promise<ConformanceReport> {
  const startedAt = new Date();
  const started = performance.now();
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const top = `/zkwire-conform-${randomBytes(5).toString('hex')}`;
  const { dialer, signal, profile } = options;
  // Each check under way listens: more than Node takes for a leak.
  if (signal !== undefined) setMaxListeners(0, signal);
  const facts = await findFacts({
    dialer,
    signal,
    timeoutMs,
    wanted: profile,
    probePath: `${top}-probe`,
  });
  const { checks, leftOut } = chosen(options.checks, facts, options.quick ?? false);
  const run = new Run(options, facts, timeoutMs, top, checks);
  await run.whole();
  return {
    subject: 'server',
    name: options.server,
    version: facts.version,
    mode: facts.mode,
    profile: facts.profile,
    results: checks.flatMap((check) => run.results.get(check.id) ?? []),
    leftOut,
    needlessExcuses: needlessExcuses(options.excuses, options.checks, run.results),
    leftBehind: topmost(run.leftBehind, top),
    startedAt,
    durationMs: performance.now() - started,
  };
}

/** Who hears of the run's own znode need not hear of what is below it. */
function topmost(paths: readonly string[], top: string): string[] {
  return paths.filter((path) => !(paths.includes(top) && path.startsWith(`${top}/`)));
}

/** The checks that are for this server and run, and how many of the others there are, by reason. */
function chosen(
  checks: readonly ServerCheck[],
  facts: ServerFacts,
  quick: boolean,
): { checks: ServerCheck[]; leftOut: ConformanceReport['leftOut'] } {
  const counts = new Map<string, number>();
  const meant = checks.filter((check) => {
    const why = whyNot(check, facts, quick);
    if (why !== null) counts.set(why, (counts.get(why) ?? 0) + 1);
    return why === null;
  });
  return { checks: meant, leftOut: [...counts].map(([why, count]) => ({ count, why })) };
}

function whyNot(check: ServerCheck, facts: ServerFacts, quick: boolean): string | null {
  if (!(check.profiles ?? PROFILES).includes(facts.profile)) {
    return `not about the profile ${facts.profile}`;
  }
  if (facts.readOnly !== (check.readOnly ?? false)) {
    return `about a server that ${facts.readOnly ? 'can write' : 'is read-only'}`;
  }
  return quick && check.slowMs !== undefined ? 'slow, and the run is to be quick' : null;
}

/** One run in progress. */
class Run {
  readonly results: Map<string, CheckResult> = new Map();
  readonly leftBehind: string[] = [];
  readonly #options: RunOptions;
  readonly #facts: ServerFacts;
  readonly #timeoutMs: number;
  readonly #top: string;
  readonly #checks: readonly ServerCheck[];
  /** Fires when the run was stopped, and the time to clean up is over. */
  readonly #over = new AbortController();
  /** All that there were: as many as checks have. */
  readonly #links: ByteLink[] = [];

  constructor(
    options: RunOptions,
    facts: ServerFacts,
    timeoutMs: number,
    top: string,
    checks: readonly ServerCheck[],
  ) {
    this.#options = options;
    this.#facts = facts;
    this.#timeoutMs = timeoutMs;
    this.#top = top;
    this.#checks = checks;
  }

  /** All of it. When it is stopped, what is to be removed may take as long as one frame: a server that hangs is not waited for. */
  async whole(): Promise<void> {
    const { signal } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const onStop = (): void => {
      timer = setTimeout(() => this.#drop(), this.#timeoutMs);
    };
    signal?.addEventListener('abort', onStop, { once: true });
    if (signal?.aborted) onStop();
    try {
      await this.#all();
    } finally {
      signal?.removeEventListener('abort', onStop);
      clearTimeout(timer);
      // One that is left would keep the process alive.
      this.#drop();
    }
  }

  /** Ends every connection: nobody waits for anything any more, and there are no new ones. */
  #drop(): void {
    this.#over.abort();
    for (const link of this.#links) link.destroy(new LinkError('LINK_DESTROYED', link.host));
  }

  /** The run's own connections: `#drop` ends them. */
  readonly #dial: Dialer = async (limit) => {
    const link = await this.#options.dialer(AbortSignal.any([limit, this.#over.signal]));
    this.#links.push(link);
    if (this.#over.signal.aborted) this.#drop();
    return link;
  };

  /** Slow checks all at once, as they only wait; beside them the others; then those that must be alone. */
  async #all(): Promise<void> {
    const janitor = new Janitor(this.#dial, this.#timeoutMs);
    if (!this.#facts.readOnly) await this.#makeTop(janitor);
    const shared = this.#checks.filter((check) => check.alone !== true);
    const slow = shared.filter((check) => check.slowMs !== undefined);
    const fast = shared.filter((check) => check.slowMs === undefined);
    const lanes = this.#options.concurrency ?? CONCURRENCY;
    await Promise.all([this.#lanes(slow, slow.length), this.#lanes(fast, lanes)]);
    await this.#lanes(
      this.#checks.filter((check) => check.alone === true),
      1,
    );
    if (!this.#facts.readOnly)
      await this.#clean(janitor, [`/zookeeper/quota${this.#top}`, this.#top]);
    await janitor.end();
  }

  async #makeTop(janitor: Janitor): Promise<void> {
    try {
      await janitor.make(this.#top);
    } catch (cause) {
      await janitor.end();
      const why = failureText(cause);
      throw new UnreachableServer(`the znode ${this.#top} cannot be made: ${why}`, { cause });
    }
  }

  async #lanes(checks: readonly ServerCheck[], count: number): Promise<void> {
    const waiting = checks.values();
    const lane = async (): Promise<void> => {
      const janitor = new Janitor(this.#dial, this.#timeoutMs);
      for (const check of waiting) {
        if (this.#options.signal?.aborted) break;
        const result = await this.#one(check, janitor);
        if (result === null) break;
        this.results.set(check.id, result);
        this.#options.onResult?.(result, this.results.size, this.#checks.length);
      }
      await janitor.end();
    };
    await Promise.all(Array.from({ length: Math.min(count, checks.length) }, lane));
  }

  /** The result, or null when the run was stopped meanwhile. */
  async #one(check: ServerCheck, janitor: Janitor): Promise<CheckResult | null> {
    const started = performance.now();
    const transcript = new Transcript();
    const root = `${this.#top}/${check.id.replaceAll('/', '-')}`;
    const context = new CheckContext(
      root,
      this.#facts,
      rulesOf(this.#facts.profile, this.#facts.release),
      this.#timeoutMs,
      this.#dial,
      transcript,
    );
    const { signal } = this.#options;
    const giveUp = (): void => context.giveUp();
    let error: unknown;
    try {
      if (!this.#facts.readOnly) await janitor.make(root);
      const limitMs = (check.slowMs ?? 0) + this.#timeoutMs * TIMEOUTS_A_CHECK;
      await boundedCheck(() => check.run(context), { limitMs, signal, giveUp });
    } catch (thrown) {
      error = thrown ?? new Error('nothing was thrown');
    }
    const said = transcript.lines();
    // Sessions that are not answered any more are not waited for either.
    signal?.addEventListener('abort', giveUp, { once: true });
    await context.end();
    signal?.removeEventListener('abort', giveUp);
    if (!this.#facts.readOnly) await this.#clean(janitor, context.remains);
    if (error instanceof InterruptedCheck) return null;
    const durationMs = performance.now() - started;
    const excuse =
      this.#options.excuses?.get(check.id) ?? knownDeviation(this.#facts.profile, check.id);
    return checkResult(check, { durationMs, error, transcript: said }, excuse);
  }

  async #clean(janitor: Janitor, paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      try {
        this.leftBehind.push(...(await janitor.remove(path)));
      } catch {
        this.leftBehind.push(path);
      }
    }
  }
}
