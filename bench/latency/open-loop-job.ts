import type { ClientName } from '../cases.ts';
import type { LatencyTimes } from './cases.ts';
import type { Arrivals } from './schedule.ts';

/** What a forked client is told, as JSON in its first argument. */
export interface OpenLoopJob
  extends Pick<LatencyTimes, 'closedWarmupMs' | 'openWarmupMs' | 'openMeasureMs'> {
  readonly client: ClientName;
  readonly payloadBytes: number;
  readonly connectString: string;
  readonly arrivals: Arrivals;
  readonly perSecond: number;
  readonly drainMs: number;
  readonly inFlightMax: number;
}
