import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { eventIndex, eventsPath, watchedPath } from '../growth/responder-names.ts';
import type { JobResult } from '../jobs.ts';
import { pause } from '../load/meter.ts';
import type { WatchAmounts, WatchCase } from './cases.ts';
import { loadWatcher, type WatchingClient } from './watcher.ts';

/** Watches that are being set at a time: more than that one of the peers slows down with the square of. */
const WATCHES_AT_ONCE = 500;
/** A client that cannot close is not waited for: the process ends anyway. */
const CLOSE_TIMEOUT_MS = 1_000;
/** Events may wait in a client so long when the answer behind them is there. */
const LATE_MS = 2_000;
/** Above all nodes that are watched. */
const ROOT = watchedPath(0).slice(0, watchedPath(0).lastIndexOf('/'));

export interface WatchJob extends WatchAmounts, Pick<WatchCase, 'style' | 'client'> {
  readonly connectString: string;
}

/** One turn of one client; the process that it runs in has loaded no other. */
export async function runWatchTurn(job: WatchJob): Promise<JobResult> {
  const adapter = await loadWatcher(job.client);
  const ear = new Ear();
  const client = await adapter.connect(job.connectString, (path) => ear.hear(path));
  const { style, watches, rounds, warmupRounds } = job;
  if (style === 'recursive') await client.watch(ROOT, style);
  if (style === 'persistent') await register(client, job);
  await checkPaths(client, job, ear);
  // Lasting watches hear one round behind the other without a gap; one-shot watches are set again in between.
  const together = style === 'one-shot' ? 1 : rounds;
  for (let round = 1; round < warmupRounds; round++) await hearRounds(client, job, 1, ear);
  let [seconds, cpuUs] = [0, 0];
  for (let round = 0; round < rounds; round += together) {
    const taken = await hearRounds(client, job, together, ear);
    seconds += taken.seconds;
    cpuUs += taken.cpuUs;
  }
  const events = rounds * job.eventsPerRound;
  await Promise.race([client.close(), pause(CLOSE_TIMEOUT_MS)]);
  return {
    subject: adapter.name,
    version: adapter.version,
    values: {
      watches,
      events,
      seconds,
      eventsPerSecond: events / seconds,
      cpuUsPerEvent: cpuUs / events,
    },
  };
}

async function register(client: WatchingClient, { style, watches }: WatchJob): Promise<void> {
  for (let from = 0; from < watches; from += WATCHES_AT_ONCE) {
    const length = Math.min(WATCHES_AT_ONCE, watches - from);
    await Promise.all(
      Array.from({ length }, (_, nth) => client.watch(watchedPath(from + nth), style)),
    );
  }
}

interface Taken {
  readonly seconds: number;
  /** Of the client's process, all its threads. */
  readonly cpuUs: number;
}

/** Asks for that many rounds of events at once: from the asking to the last of them. */
async function hearRounds(
  client: WatchingClient,
  job: WatchJob,
  rounds: number,
  ear: Ear,
): Promise<Taken> {
  const { style, eventsPerRound, watches } = job;
  if (style === 'one-shot') await register(client, job);
  const all = ear.expect(rounds * eventsPerRound);
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  const path = eventsPath(eventsPerRound, watches);
  const answers = Promise.all(Array.from({ length: rounds }, () => client.exists(path)));
  const endMs = await Promise.race([all, answers.then(() => ear.endLate())]);
  const cpu = process.cpuUsage(cpuBefore);
  // They come behind the events: one too many has been heard by then.
  await answers;
  ear.checkOver();
  return { seconds: (endMs - startMs) / 1000, cpuUs: cpu.user + cpu.system };
}

/** A first round in which every path is looked at. The server makes its events in it, too. */
async function checkPaths(client: WatchingClient, job: WatchJob, ear: Ear): Promise<void> {
  const paths: string[] = [];
  ear.look = (path) => paths.push(path);
  await hearRounds(client, job, 1, ear);
  ear.look = null;
  const wrong = paths.findIndex((path, nth) => {
    return path !== watchedPath(eventIndex(nth, job.watches));
  });
  if (wrong >= 0) throw new Error(`event ${wrong} was of ${paths[wrong]}`);
}

/** Counts what is heard, and tells when all has been. */
class Ear {
  look: ((path: string) => void) | null = null;
  #round = 0;
  #heard = 0;
  #expected = 0;
  #complete: (nowMs: number) => void = () => {};

  hear(path: string): void {
    if (this.look !== null) this.look(path);
    if (++this.#heard === this.#expected) this.#complete(performance.now());
  }

  /** Resolves with the time when so many events more were heard. */
  expect(events: number): Promise<number> {
    this.#round++;
    this.#heard = 0;
    this.#expected = events;
    return new Promise((resolve) => {
      this.#complete = resolve;
    });
  }

  /** The answers are here, and with them all that will come. Resolves when nothing more is heard. */
  async endLate(): Promise<number> {
    const round = this.#round;
    for (;;) {
      const before = this.#heard;
      await pause(LATE_MS);
      if (this.#round !== round || this.#heard === before) return performance.now();
    }
  }

  checkOver(): void {
    if (this.#heard === this.#expected) return;
    throw new Error(`${this.#heard} events were heard, not ${this.#expected}`);
  }
}
