/** What one part of the run measured: named values, one a turn. */
export interface Measurement {
  /** Unique. */
  readonly id: string;
  /** For people. */
  readonly label: string;
  readonly unit: 'ms' | 'B' | 'MB' | 'ops/s';
  readonly values: readonly number[];
}

/** How large everything is. */
export interface Scale {
  readonly startTurns: number;
  readonly sessions: number;
  readonly fanOutTurns: number;
  readonly znodes: number;
  readonly writeTurns: number;
  /** Warm-up and measured time of a turn of writes. */
  readonly warmupMs: number;
  readonly measureMs: number;
}

export const WHOLE_SCALE: Scale = {
  startTurns: 9,
  sessions: 10_000,
  fanOutTurns: 9,
  znodes: 1_000_000,
  writeTurns: 3,
  warmupMs: 500,
  measureMs: 500,
};

/** That it works, not how fast it is. */
export const QUICK_SCALE: Scale = {
  startTurns: 2,
  sessions: 1_000,
  fanOutTurns: 2,
  znodes: 20_000,
  writeTurns: 1,
  warmupMs: 100,
  measureMs: 100,
};

/** What parts of the run need of it. */
export interface PartContext {
  readonly scale: Scale;
  /** Told what is being done, one line each. */
  say(line: string): void;
  /** Told what cannot be measured here, and why. */
  skip(name: string, reason: string): void;
}
