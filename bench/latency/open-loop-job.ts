import type { LatencyCase } from './cases.ts';
import type { Arrivals } from './schedule.ts';

/** What a forked client is told, as JSON in its first argument. */
export interface OpenLoopJob
  extends Pick<
    LatencyCase,
    'client' | 'payloadBytes' | 'closedWarmupMs' | 'openWarmupMs' | 'openMeasureMs'
  > {
  readonly connectString: string;
  readonly arrivals: Arrivals;
  readonly perSecond: number;
  readonly drainMs: number;
  readonly inFlightMax: number;
}
