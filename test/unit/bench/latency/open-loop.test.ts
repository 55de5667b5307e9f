import { describe, expect, it } from 'vitest';
import {
  type LoopClock,
  type MakeRequest,
  OpenLoop,
  type OpenLoopPlan,
} from '../../../../bench/latency/open-loop.ts';
import { runOpenLoopTurn } from '../../../../bench/latency/open-loop-turn.ts';
import { constantSchedule } from '../../../../bench/latency/schedule.ts';
import { startNullResponder } from '../../../../bench/servers/null-responder.ts';

/** Time that goes on by a step with every turn of the loop, and what happens at some time of it. */
class SteppedClock implements LoopClock {
  ms = 1_000;
  readonly #stepMs: number;
  readonly #events: { ms: number; run: () => void }[] = [];

  constructor(stepMs: number) {
    this.#stepMs = stepMs;
  }

  nowMs(): number {
    return this.ms;
  }

  nextTurn(turn: () => void): void {
    queueMicrotask(() => {
      this.ms += this.#stepMs;
      for (const event of this.#events.splice(0)) {
        if (event.ms <= this.ms) event.run();
        else this.#events.push(event);
      }
      turn();
    });
  }

  after(ms: number, run: () => void): void {
    this.#events.push({ ms: this.ms + ms, run });
  }
}

/** A request every 10 ms, the first ten of them thrown away. */
function plan(overrides: Partial<OpenLoopPlan> = {}): OpenLoopPlan {
  const times = { warmupMs: 100, measureMs: 1_000, drainMs: 500 };
  return {
    schedule: constantSchedule(100),
    perSecond: 100,
    ...times,
    inFlightMax: 50,
    ...overrides,
  };
}

function run(clock: SteppedClock, request: MakeRequest, overrides: Partial<OpenLoopPlan> = {}) {
  return new OpenLoop(request, plan(overrides), clock).run();
}

describe('OpenLoop', () => {
  it('makes every request when it is due, and counts those of the measured time', async () => {
    const clock = new SteppedClock(1);
    const made: number[] = [];
    const values = await run(clock, (done) => {
      made.push(clock.ms - 1_000);
      clock.after(3, () => done(null));
    });
    expect(made).toEqual(Array.from({ length: 110 }, (_, index) => index * 10));
    expect(values).toEqual({
      offeredPerSecond: 100,
      due: 100,
      completedPerSecond: 100,
      unanswered: 0,
      backlog: 0,
      samples: 100,
      p50Us: 3_000,
      p90Us: 3_000,
      p99Us: null,
      p999Us: null,
      p9999Us: null,
      maxUs: 3_000,
      lagP50Us: 0,
      lagP99Us: null,
      lagMaxUs: 0,
    });
  });

  it('counts from when a request was due, though a stall made it late', async () => {
    const clock = new SteppedClock(1);
    let made = 0;
    const values = await run(clock, (done) => {
      // The 61st of the samples holds up everything for 195 ms.
      if (made++ === 70) clock.ms += 195;
      clock.after(2, () => done(null));
    });
    // Nineteen more were due meanwhile: made late by 186 ms and less. A closed loop would have seen one slow request.
    expect(values.maxUs).toBe(197_000);
    expect(values.lagMaxUs).toBe(186_000);
    expect(values.due).toBe(100);
    expect(values.p50Us).toBe(2_000);
    expect(values.p90Us).toBeGreaterThan(2_000);
  });

  it('lets what is due wait where too many are under way, and its time runs', async () => {
    const clock = new SteppedClock(1);
    let underWay = 0;
    let most = 0;
    const values = await run(
      clock,
      (done) => {
        most = Math.max(most, ++underWay);
        clock.after(50, () => {
          underWay--;
          done(null);
        });
      },
      { inFlightMax: 2, measureMs: 400, drainMs: 10_000 },
    );
    // Two every 50 ms, where five are due.
    expect(most).toBe(2);
    expect(values.due).toBe(40);
    expect(values.unanswered).toBe(0);
    expect(values.completedPerSecond).toBeCloseTo(40, -1);
    expect(values.backlog).toBeGreaterThan(20);
    expect(values.maxUs).toBeGreaterThan(500_000);
  });

  it('counts what is never answered, or could not even be sent, with the time that it waited', async () => {
    const clock = new SteppedClock(1);
    let made = 0;
    const values = await run(
      clock,
      (done) => {
        if (made++ < 60) clock.after(1, () => done(null));
      },
      { inFlightMax: 10 },
    );
    expect(made).toBe(70);
    expect(values).toMatchObject({ due: 100, samples: 100, unanswered: 50, backlog: 50 });
    // The first that was lost was due at 600 ms; draining ended at 1,600.
    expect(values.maxUs).toBe(1_000_000);
    expect(values.lagMaxUs).toBe(900_000);
  });

  it('fails when a request fails', async () => {
    const clock = new SteppedClock(1);
    const failing = run(clock, (done) => clock.after(1, () => done(new Error('it broke'))));
    await expect(failing).rejects.toThrow('it broke');
  });

  it('refuses more requests than it has room for', () => {
    const many = plan({ perSecond: 1e8 });
    expect(() => new OpenLoop(() => {}, many)).toThrow(/requests are too many/);
  });
});

describe('runOpenLoopTurn', () => {
  it.each(['raw-promise', 'zkwire-callback'] as const)(
    'asks a server as often as it should (%s)',
    async (client) => {
      const responder = await startNullResponder({ payloadBytes: 100 });
      try {
        const { values, subject } = await runOpenLoopTurn({
          client,
          payloadBytes: 100,
          connectString: `127.0.0.1:${responder.port}`,
          arrivals: 'constant',
          perSecond: 200,
          closedWarmupMs: 1,
          openWarmupMs: 50,
          openMeasureMs: 250,
          drainMs: 20_000,
          inFlightMax: 4_000,
        });
        expect(subject).not.toBe('');
        expect(values).toMatchObject({
          due: 50,
          samples: 50,
          unanswered: 0,
          offeredPerSecond: 200,
        });
        expect(values.maxUs).toBeGreaterThanOrEqual(values.p50Us as number);
      } finally {
        await responder.close();
      }
    },
  );
});
