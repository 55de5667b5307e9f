import { type RequestPlan, requestsOf, type Step, type StepList } from './step.ts';

/** True when a shorter list still shows the same difference. */
export type StillShows = (list: StepList) => Promise<boolean>;

/**
 * The shortest list found that still shows something: takes bursts apart, then takes out steps, in ever smaller pieces, then
 * requests of steps, parts of multis, and what makes a step special, again and again until
 * nothing more can go or `attemptsMax` lists have been tried.
 */
export async function shrink(
  list: StepList,
  stillShows: StillShows,
  attemptsMax: number,
): Promise<StepList> {
  const shrinker = new Shrinker(list, stillShows, attemptsMax);
  await shrinker.withoutBursts();
  for (let size = -1; size !== sizeOf(shrinker.list) && shrinker.hasAttempts; ) {
    size = sizeOf(shrinker.list);
    await shrinker.withoutSteps();
    await shrinker.withoutRequests();
    await shrinker.plainer();
  }
  return shrinker.list;
}

class Shrinker {
  list: StepList;
  readonly #stillShows: StillShows;
  #attemptsLeft: number;

  constructor(list: StepList, stillShows: StillShows, attemptsMax: number) {
    this.list = list;
    this.#stillShows = stillShows;
    this.#attemptsLeft = attemptsMax;
  }

  get hasAttempts(): boolean {
    return this.#attemptsLeft > 0;
  }

  /** Every request a step of its own: then all that can go goes with the steps. */
  async withoutBursts(): Promise<void> {
    await this.#try(this.list.steps.flatMap(apart));
  }

  async withoutSteps(): Promise<void> {
    await this.#withoutItems(this.list.steps, (steps) => steps);
  }

  async withoutRequests(): Promise<void> {
    for (let index = this.list.steps.length - 1; index >= 0; index--) {
      const step = this.list.steps[index]!;
      if (step.kind === 'together') {
        await this.#withoutItems(step.sends, (sends) => {
          return this.list.steps.with(index, { ...step, sends });
        });
        continue;
      }
      if (step.kind !== 'send' && step.kind !== 'open' && step.kind !== 'drop') continue;
      const kept = await this.#withoutItems(step.requests ?? [], (requests) => {
        return this.list.steps.with(index, { ...step, requests });
      });
      await this.#withoutParts(index, { ...step, requests: kept });
    }
  }

  /** Bursts into single requests, pieces into one write, odd bodies and xids into ordinary ones. */
  async plainer(): Promise<void> {
    for (let index = this.list.steps.length - 1; index >= 0; index--) {
      for (const steps of plainerSteps(this.list.steps[index]!)) {
        if (await this.#try(this.list.steps.toSpliced(index, 1, ...steps))) break;
      }
    }
  }

  async #withoutParts(
    index: number,
    step: Extract<Step, { kind: 'send' | 'open' | 'drop' }>,
  ): Promise<void> {
    let requests = step.requests ?? [];
    for (let at = 0; at < requests.length; at++) {
      const request = requests[at]!;
      if (request.parts.length < 3) continue;
      const end = request.parts.at(-1)!;
      const kept = await this.#withoutItems(request.parts.slice(0, -1), (parts) => {
        const shorter = requests.with(at, { ...request, parts: [...parts, end] });
        return this.list.steps.with(index, { ...step, requests: shorter });
      });
      requests = requests.with(at, { ...request, parts: [...kept, end] });
    }
  }

  /** Tries to leave out half of the items, a quarter, and so on down to each; gives what must stay. */
  async #withoutItems<T>(
    items: readonly T[],
    stepsWith: (items: readonly T[]) => readonly Step[],
  ): Promise<readonly T[]> {
    let kept = items;
    for (
      let size = Math.ceil(kept.length / 2);
      size >= 1;
      size = size > 1 ? Math.ceil(size / 2) : 0
    ) {
      // From the end: what comes late depends on what comes early.
      for (let at = kept.length - size; at > -size; at -= size) {
        const from = Math.max(0, at);
        const fewer = kept.toSpliced(from, at + size - from);
        if (fewer.length < kept.length && (await this.#try(stepsWith(fewer)))) kept = fewer;
      }
    }
    return kept;
  }

  async #try(steps: readonly Step[]): Promise<boolean> {
    if (this.#attemptsLeft <= 0) return false;
    this.#attemptsLeft--;
    const shorter = { ...this.list, steps };
    if (!(await this.#stillShows(shorter))) return false;
    this.list = shorter;
    return true;
  }
}

function apart(step: Step): readonly Step[] {
  switch (step.kind) {
    case 'send':
      return step.requests.map((request) => alone(step.slot, request));
    case 'together':
      return step.sends.flatMap(({ slot, requests }) => {
        return requests.map((request) => alone(slot, request));
      });
    case 'drop': {
      const { kind, slot, requests = [] } = step;
      return [...requests.map((request) => alone(slot, request)), { kind, slot }];
    }
    default:
      return [step];
  }
}

function alone(slot: number, request: RequestPlan): Step {
  return { kind: 'send', slot, requests: [request] };
}

function withoutSeen(step: Step): Step {
  if (step.kind !== 'open') return step;
  const { seen: _, ...connect } = step.connect;
  return { ...step, connect };
}

function plainerSteps(step: Step): (readonly Step[])[] {
  if (step.kind === 'open') return plainerHandshakes(step);
  if (step.kind === 'together' || (step.kind === 'drop' && step.requests !== undefined)) {
    return [apart(step)];
  }
  if (step.kind !== 'send') return [];
  const { slot, requests, pieceBytes } = step;
  const plainer: (readonly Step[])[] = [];
  if (requests.length > 1) plainer.push(apart(step));
  if (pieceBytes !== undefined) plainer.push([{ kind: 'send', slot, requests }]);
  const plain = requests.map(plainRequest);
  if (plain.some((request, index) => request !== requests[index])) {
    plainer.push([{ kind: 'send', slot, requests: plain }]);
  }
  return plainer;
}

function plainerHandshakes(step: Extract<Step, { kind: 'open' }>): (readonly Step[])[] {
  const { slot, connect, requests = [] } = step;
  const plain = { session: 'new', password: 'right', timeoutMs: 30_000, readOnly: false } as const;
  if (JSON.stringify(connect) === JSON.stringify(plain)) return [];
  const { session, password } = connect;
  return [
    [{ kind: 'open', slot, connect: plain, requests }],
    [{ kind: 'open', slot, connect: { ...plain, session, password }, requests }],
    [withoutSeen(step)],
  ];
}

function plainRequest(request: RequestPlan): RequestPlan {
  const { op, parts, closes, xid, extraBytes, cutBytes } = request;
  if (xid === undefined && extraBytes === undefined && cutBytes === undefined) return request;
  return closes === undefined ? { op, parts } : { op, parts, closes };
}

/** Everything that can be taken out of a list, counted. */
function sizeOf({ steps }: StepList): number {
  return steps.reduce((sum, step) => {
    return requestsOf(step).reduce((all, { parts }) => all + parts.length, sum + 1);
  }, 0);
}
