import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../../../bench/adapters/adapter.ts';
import {
  buildDriver,
  DRIVER_NAMES,
  type Driver,
  type DriverWorkload,
  runDriver,
} from '../../../../bench/drivers/driver.ts';
import { scheduleOf } from '../../../../bench/latency/schedule.ts';
import {
  type NullResponder,
  startNullResponder,
} from '../../../../bench/servers/null-responder.ts';

/** Compiling, and a Java virtual machine that starts on a busy machine. */
const LIMIT_MS = 300_000;
/** A busy machine may keep a process from all work for some hundred milliseconds. */
const MEASURE_MS = 1_000;

let responder: NullResponder;
beforeAll(async () => {
  responder = await startNullResponder({ payloadBytes: 100, childCount: 10 });
});
afterAll(() => responder.close());

function workload(more: Partial<DriverWorkload> = {}): DriverWorkload {
  return {
    connectString: `127.0.0.1:${responder.port}`,
    operation: 'get',
    path: '/x',
    payloadBytes: 100,
    childCount: 10,
    depth: 7,
    warmupMs: 10,
    measureMs: MEASURE_MS,
    ...more,
  };
}

describe.each(DRIVER_NAMES)('the %s driver', async (name) => {
  const driver: Driver = await buildDriver(name);
  if (driver.missing !== null) {
    console.log(`drivers: skipped: the ${name} driver cannot be built: ${driver.missing}`);
  }
  const here = driver.missing === null;
  const run = (more: Partial<DriverWorkload>, phases: string[] = []) =>
    runDriver(driver, workload(more), {
      timeoutMs: LIMIT_MS / 2,
      onPhase: (phase) => phases.push(phase),
    });

  it.skipIf(!here)(
    'measures closed loops as the Node clients are',
    async () => {
      const phases: string[] = [];
      const { values, subject, version } = await run({}, phases);
      expect(phases).toEqual(['measuring', 'measured']);
      expect([subject, version]).toEqual([driver.subject, driver.version]);
      const { operations, seconds, opsPerSecond, samples } = values;
      expect(operations).toBeGreaterThan(0);
      expect(seconds).toBeGreaterThanOrEqual((MEASURE_MS - 1) / 1000);
      expect(opsPerSecond).toBeCloseTo((operations ?? 0) / (seconds ?? 1), 1);
      // Every one of seven loops is timed; an operation may lie on either end of the measured time.
      expect(Math.abs((samples ?? 0) - (operations ?? 0))).toBeLessThanOrEqual(14);
      expect(values.cpuUsPerOp).toBeGreaterThan(0);
      expect(values.peakRssBytes).toBeGreaterThan(1e6);
      expect(values).toHaveProperty('p999Us');
      if (process.platform === 'linux') {
        expect(values.readSyscallsPerOp).toBeGreaterThan(0);
        expect(values.writeSyscallsPerOp).toBeGreaterThan(0);
      }
      if (name === 'c') expect(values.allocatedBytesPerOp).toBeNull();
      else expect(values.allocatedBytesPerOp).toBeGreaterThan(100);
    },
    LIMIT_MS,
  );

  it.skipIf(!here)(
    'makes requests at a rate, and counts from when they were due',
    async () => {
      const { values } = await run({ ratePerSecond: 50, depth: 64, drainMs: 60_000 });
      expect(values).toMatchObject({ due: 50, offeredPerSecond: 50, unanswered: 0, samples: 50 });
      expect(values.maxUs).toBeGreaterThanOrEqual(values.p90Us ?? Number.NaN);
      expect(values.p50Us).toBeGreaterThan(values.lagP50Us ?? Number.NaN);
      expect(values.p9999Us).toBeNull();
    },
    LIMIT_MS,
  );

  it.skipIf(!here)(
    'has the same independent arrivals as the Node clients',
    async () => {
      const perSecond = 50;
      const work = { ratePerSecond: perSecond, arrivals: 'poisson', depth: 64 } as const;
      const { values } = await run({ ...work, warmupMs: 0, drainMs: 60_000 });
      const schedule = scheduleOf('poisson', perSecond);
      let due = 0;
      while (schedule.next() < MEASURE_MS) due++;
      expect(values).toMatchObject({ due, samples: due, unanswered: 0 });
    },
    LIMIT_MS,
  );

  it.skipIf(!here)(
    'shows how far it falls behind a rate that nobody bears',
    async () => {
      const { values } = await run({ ratePerSecond: 1e6, depth: 32, drainMs: 1 });
      expect(values.due).toBe(1_000_000);
      expect(values.unanswered).toBeGreaterThan(0);
      expect(values.backlog).toBeGreaterThanOrEqual(values.unanswered ?? Number.NaN);
      // What was due in the first half and had no chance waited for all of the second.
      expect(values.maxUs).toBeGreaterThan((MEASURE_MS / 2) * 1000);
    },
    LIMIT_MS,
  );

  it.skipIf(!here)(
    'does every operation',
    async () => {
      for (const operation of OPERATIONS) {
        const { values } = await run({ operation, warmupMs: 0 });
        expect(values.operations, operation).toBeGreaterThan(0);
      }
    },
    LIMIT_MS,
  );

  it.skipIf(!here)(
    'fails when it reads something else than the case says',
    async () => {
      await expect(run({ payloadBytes: 99 })).rejects.toThrow(
        /get gave 100 bytes, not the 99 expected/,
      );
      await expect(run({ operation: 'getChildren', childCount: 9 })).rejects.toThrow(
        /getChildren gave 10 names, not the 9 expected/,
      );
    },
    LIMIT_MS,
  );

  it.skipIf(!here)(
    'refuses a command line that it does not know, with exit code 2',
    () => {
      const started = spawnSync(driver.program, [...driver.args, '--deep', '1'], {
        encoding: 'utf8',
      });
      expect(started.status).toBe(2);
      expect(started.stderr).toContain("unknown option '--deep'");
    },
    LIMIT_MS,
  );
});

describe('runDriver', () => {
  const none = { name: 'c', subject: 'x', version: '1', args: [], missing: null } as const;

  it('says what is missing', async () => {
    const driver: Driver = { ...none, program: '', missing: 'cc could not be started' };
    await expect(runDriver(driver, workload(), { timeoutMs: 1 })).rejects.toThrow(
      'missing: cc could not be started',
    );
  });

  it('tells a program that cannot be started from one that ends, or does not', async () => {
    const options = { timeoutMs: LIMIT_MS / 2 };
    const absent: Driver = { ...none, program: '/nowhere/driver' };
    await expect(runDriver(absent, workload(), options)).rejects.toThrow(/could not be started/);
    const script = (text: string): Driver => {
      return { ...none, program: process.execPath, args: ['-e', text, '--'] };
    };
    const ends = script("console.error('went away'); process.exitCode = 3");
    await expect(runDriver(ends, workload(), options)).rejects.toThrow(/ended with 3: went away/);
    const hangs = script('setInterval(() => {}, 1000)');
    await expect(runDriver(hangs, workload(), { timeoutMs: 200 })).rejects.toThrow(
      'no result after 0.2 s',
    );
  });
});
