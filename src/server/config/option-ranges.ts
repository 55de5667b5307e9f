import { FRAME_BODY_BYTES_CEILING, TIMER_MS_MAX } from '../../limits.ts';

const COUNT_MAX: number = 2 ** 31 - 1;
const PORT_MAX = 65_535;

/** Lowest number of snapshots that a purge keeps, as in ZooKeeper: the newest may be unfinished. */
export const SNAP_RETAIN_COUNT_MIN = 3;

/** Fewest transactions between two snapshots: one comes between half of it and all of it. */
export const SNAP_COUNT_MIN = 2;

/** Server ids above are the mark of TTL nodes in the owner of a node, where sessions have their server. */
const SERVER_ID_MAX = 254;

/** Name of an option that is a whole number. */
export type NumberOption =
  | 'port'
  | 'securePort'
  | 'listenBacklog'
  | 'snapCount'
  | 'snapRetainCount'
  | 'purgeIntervalMs'
  | 'tickTimeMs'
  | 'minSessionTimeoutMs'
  | 'maxSessionTimeoutMs'
  | 'sessionlessTimeoutMs'
  | 'serverId'
  | 'maxClientConnections'
  | 'maxConnections'
  | 'juteMaxBufferBytes'
  | 'globalOutstandingLimit'
  | 'containerCheckIntervalMs'
  | 'containerMaxPerMinute'
  | 'containerMaxNeverUsedIntervalMs';

/** Smallest and largest value of every option that is a whole number. */
export const OPTION_RANGES: Readonly<Record<NumberOption, readonly [min: number, max: number]>> = {
  port: [0, PORT_MAX],
  securePort: [0, PORT_MAX],
  listenBacklog: [1, COUNT_MAX],
  snapCount: [SNAP_COUNT_MIN, COUNT_MAX],
  snapRetainCount: [SNAP_RETAIN_COUNT_MIN, COUNT_MAX],
  purgeIntervalMs: [0, TIMER_MS_MAX],
  // 20 ticks, the longest session, still have to be a time.
  tickTimeMs: [1, Math.floor(TIMER_MS_MAX / 20)],
  minSessionTimeoutMs: [1, TIMER_MS_MAX],
  maxSessionTimeoutMs: [1, TIMER_MS_MAX],
  sessionlessTimeoutMs: [1, TIMER_MS_MAX],
  serverId: [0, SERVER_ID_MAX],
  maxClientConnections: [0, COUNT_MAX],
  maxConnections: [0, COUNT_MAX],
  // Below this not even the handshake fits.
  juteMaxBufferBytes: [64, FRAME_BODY_BYTES_CEILING],
  globalOutstandingLimit: [1, COUNT_MAX],
  containerCheckIntervalMs: [1, TIMER_MS_MAX],
  containerMaxPerMinute: [1, COUNT_MAX],
  containerMaxNeverUsedIntervalMs: [0, TIMER_MS_MAX],
};

/** All of {@link OPTION_RANGES}, named. */
export const NUMBER_OPTIONS: readonly NumberOption[] = Object.keys(OPTION_RANGES) as NumberOption[];
