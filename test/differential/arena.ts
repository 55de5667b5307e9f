import type { Contestant, StartContestant } from './contestant.ts';
import { compareObservations, type Difference, type SlotObservation } from './observation.ts';
import { Player } from './player.ts';
import { outcomesOf } from './reply-outcomes.ts';
import type { StepList } from './step.ts';
import { StepTrace } from './step-trace.ts';
import { type NodeLeft, SWEEP_OPS, Warden } from './warden.ts';

/** What one list showed. */
export interface Bout {
  readonly difference: Difference | null;
  /** The frames of both servers, step by step; null unless they were asked for. */
  readonly traces: readonly [StepTrace, StepTrace] | null;
}

/** What it counts on its way. */
export interface ArenaCounters {
  /** Frames that were compared. */
  frames: number;
  /** Watch events among them. */
  events: number;
  /** Nodes that were compared at the ends of lists. */
  nodes: number;
  /** By operation and error number: replies, and what failed in those to a multi or multiRead (`14* -110`). */
  readonly replies: Map<string, number>;
  restarts: number;
}

/** Two servers that play the same lists. */
export class Arena implements AsyncDisposable {
  readonly counters: ArenaCounters = {
    frames: 0,
    events: 0,
    nodes: 0,
    replies: new Map(),
    restarts: 0,
  };
  readonly #sides: readonly [Side, Side];

  private constructor(sides: readonly [Side, Side]) {
    this.#sides = sides;
  }

  static async open(left: StartContestant, right: StartContestant): Promise<Arena> {
    return new Arena(await both([left, right], (start) => Side.start(start)));
  }

  get names(): readonly [string, string] {
    return [this.#sides[0].name, this.#sides[1].name];
  }

  /**
   * Plays a list on both servers up to the first difference.
   *
   * @param patienceMs How long a server that says nothing is waited for.
   */
  async play(list: StepList, patienceMs: number, traced = false): Promise<Bout> {
    const traces = traced ? ([new StepTrace(), new StepTrace()] as const) : null;
    await both(this.#sides, (side, index) => {
      return side.begin(list.root, patienceMs, traces?.[index as 0 | 1] ?? null);
    });
    try {
      const difference = await this.#bout(list, traces);
      return { difference, traces };
    } finally {
      await both(this.#sides, async (side) => {
        if (!(await side.end(list.root))) this.counters.restarts++;
      });
    }
  }

  async #bout(list: StepList, traces: Bout['traces']): Promise<Difference | null> {
    for (const [index, step] of list.steps.entries()) {
      const [left, right] = await both(this.#sides, (side) => side.player.play(step));
      const difference = this.#compare(index, left, right);
      if (difference !== null) return difference;
      for (const trace of traces ?? []) trace.nextStep();
    }
    return this.#ends(list);
  }

  /** What is left when all is played: sessions are closed, and then the tree is looked at. */
  async #ends(list: StepList): Promise<Difference | null> {
    const at = list.steps.length;
    const [left, right] = await both(this.#sides, (side) => side.player.closeSessions());
    for (let index = 0; index < Math.max(left.length, right.length); index++) {
      const difference = this.#compare(at, left[index] ?? [], right[index] ?? []);
      if (difference !== null) return difference;
    }
    const trees = await both(this.#sides, (side) => side.sweep(list.root));
    this.counters.nodes += trees[0].length;
    return this.#compare(at, ...trees);
  }

  #compare(
    step: number,
    left: readonly SlotObservation[],
    right: readonly SlotObservation[],
  ): Difference | null {
    for (const { frames, ops } of left) {
      this.counters.frames += frames.length;
      for (const [index, frame] of frames.entries()) this.#count(ops[index] ?? 0, frame);
    }
    return compareObservations(step, left, right);
  }

  #count(op: number, frame: Buffer): void {
    if (op === 0) this.counters.events++;
    const { replies } = this.counters;
    for (const key of outcomesOf(op, frame)) replies.set(key, (replies.get(key) ?? 0) + 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await both(this.#sides, (side) => side.close());
  }
}

/** One of the two. */
class Side {
  readonly #start: StartContestant;
  #contestant: Contestant;
  #warden: Warden;
  #player: Player | null = null;

  private constructor(start: StartContestant, contestant: Contestant) {
    this.#start = start;
    this.#contestant = contestant;
    this.#warden = wardenOf(contestant);
  }

  static async start(start: StartContestant): Promise<Side> {
    return new Side(start, await start());
  }

  get name(): string {
    return this.#contestant.name;
  }

  get player(): Player {
    if (this.#player === null) throw new Error('no list is being played');
    return this.#player;
  }

  async begin(root: string, patienceMs: number, trace: StepTrace | null): Promise<void> {
    const zxid = await this.#warden.prepare(root);
    this.#player = new Player(this.#contestant.port, patienceMs, { root, zxid }, trace);
  }

  async sweep(root: string): Promise<SlotObservation[]> {
    const { masks } = this.player;
    const nodes = await this.#warden.sweep(root);
    return nodes.map(({ replies }) => ({
      slot: -1,
      frames: replies.map((frame, index) => masks.reply(frame, SWEEP_OPS[index]!)),
      ops: SWEEP_OPS,
      closed: false,
      silent: false,
    }));
  }

  /** Leaves nothing behind; false when the server had to be started anew for that. */
  async end(root: string): Promise<boolean> {
    const { player } = this;
    player.destroy();
    try {
      await this.#warden.endSessions(player.openSessions);
      const left: NodeLeft[] = await this.#warden.sweep(root);
      await this.#warden.tidy(left);
      return true;
    } catch {
      await this.#contestant[Symbol.asyncDispose]();
      this.#warden.destroy();
      this.#contestant = await this.#start();
      this.#warden = wardenOf(this.#contestant);
      return false;
    }
  }

  async close(): Promise<void> {
    this.#warden.destroy();
    await this.#contestant[Symbol.asyncDispose]();
  }
}

/** How long a warden waits, in ms: longer than a busy machine keeps a server from its work. */
const WARDEN_PATIENCE_MS = 20_000;

function wardenOf({ port }: Contestant): Warden {
  return new Warden(port, WARDEN_PATIENCE_MS);
}

async function both<T, R>(
  pair: readonly [T, T],
  make: (item: T, index: number) => Promise<R>,
): Promise<readonly [R, R]> {
  return Promise.all([make(pair[0], 0), make(pair[1], 1)]);
}
