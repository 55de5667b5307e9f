import { DIALECT_3_8_0, DIALECT_3_9_5, type Dialect } from './ensemble/answers.ts';
import { FAULT_KINDS, type FaultKind } from './faults/fault-kinds.ts';
import type { PipeWeather } from './network/pipe.ts';
import { Random } from './random.ts';
import {
  isHelper,
  OPERATION_KINDS,
  type OperationKind,
  readsMany,
} from './workload/operation-kinds.ts';

/** Longest request of a client: low, so that trying one that is too long costs little, but above that of setWatches. */
export const FRAME_BYTES_MAX = 160_000;

/** How one client is set up. */
export interface ClientSetup {
  readonly sessionTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly chroot: string;
  readonly readOnly: boolean;
  readonly whileDisconnected: 'wait' | 'fail';
  readonly afterExpiry: 'new-session' | 'end';
  /** Identities that it has from the beginning. */
  readonly credentials: number;
  /** It logs in with SASL. */
  readonly sasl: boolean;
  readonly services: ServiceSetup;
  /** Workers that make requests, each waiting for its own. */
  readonly workers: number;
  /** Requests that a worker makes at once, at most. */
  readonly depthMax: number;
  /** Pause of a worker, on average. */
  readonly thinkMs: number;
  readonly inflightMax: number | undefined;
}

/** What a client does with the recipes for services. */
interface ServiceSetup {
  /** Services that it keeps registered. */
  readonly registrations: number;
  /** It follows the list of all. */
  readonly follows: boolean;
  /** It changes its mind about a registration so often, on average. */
  readonly changeMs: number;
}

/** Password of everybody who logs in with SASL. */
export const SASL_PASSWORD = 'secret';

/** Name with which a client logs in. */
export function saslUser(index: number): string {
  return `sasl${index}`;
}

/** Everything that a seed decides before the first event. Print it, and the run can be understood. */
export interface SimulationOptions {
  readonly seed: number;
  readonly servers: number;
  readonly version: '3.8.0' | '3.9.5';
  readonly tickMs: number;
  readonly hopMaxMs: number;
  readonly readOnlyMode: boolean;
  readonly weather: PipeWeather;
  readonly slabBytes: number;
  readonly clients: readonly ClientSetup[];
  readonly requests: number;
  readonly faults: number;
  readonly faultGapMs: number;
  /** Length of a fault that lasts, on average. */
  readonly faultMs: number;
  readonly faultWeights: Readonly<Record<FaultKind, number>>;
  readonly operationWeights: Readonly<Record<OperationKind, number>>;
  readonly timeoutChance: number;
  readonly abortChance: number;
  readonly callbackThrows: number;
  /** Chance that a callback of the user's calls the client back. */
  readonly reentryChance: number;
  /** Node names are so long, to make setWatches need several packets. */
  readonly nameBytes: number;
  /** Writes of others, between two requests of the clients on average. */
  readonly strangersPerRequest: number;
}

export function dialectOf({ version }: SimulationOptions): Dialect {
  return version === '3.8.0' ? DIALECT_3_8_0 : DIALECT_3_9_5;
}

/** Draws what a seed does: every seed leaves out some faults and operations, and exaggerates others. */
export function drawOptions(seed: number): SimulationOptions {
  const random = new Random(seed).fork('options');
  const tickMs = random.pick([100, 200, 500, 1000]);
  const clients = random.pick([1, 1, 1, 2, 2, 3]);
  const faults = random.int(20, 32);
  const faultGapMs = random.pick([300, 800, 1500, 3000]);
  const latencyMaxMs = random.pick([0.5, 2, 5, 20]);
  const requests = random.int(205, 260);
  const setups = Array.from({ length: clients }, (_, index) => {
    return { ...drawClient(random, tickMs), ...drawRecipes(random.fork(`recipes ${index}`)) };
  });
  // Requests are spread over the time of the faults, or over its first part.
  const activeMs = faults * faultGapMs * random.pick([0.3, 0.6, 1]);
  const perRound = setups.reduce((sum, { workers, depthMax }) => {
    return sum + (workers * (1 + depthMax)) / 2;
  }, 0);
  const bursts = Math.max(1, requests / perRound);
  return {
    seed,
    servers: random.pick([1, 2, 3, 3, 3, 5]),
    version: random.pick(['3.8.0', '3.9.5'] as const),
    tickMs,
    hopMaxMs: random.pick([1, 3, 10]),
    readOnlyMode: random.chance(0.3),
    weather: {
      latencyMinMs: random.between(0.05, latencyMaxMs / 2),
      latencyMaxMs,
      pieceBytesMax: random.pick([Infinity, Infinity, 1024, 100, 16]),
    },
    slabBytes: random.pick([1024, 4096, 16_384, 65_536]),
    clients: setups.map((setup) => ({ ...setup, thinkMs: activeMs / bursts })),
    requests,
    faults,
    faultGapMs,
    faultMs: random.pick([200, 1000, 4000]),
    faultWeights: swarm(random, FAULT_KINDS),
    operationWeights: drawOperations(random),
    timeoutChance: random.pick([0, 0.02, 0.15]),
    abortChance: random.pick([0, 0.02, 0.1]),
    callbackThrows: random.pick([0, 0, 0.05]),
    reentryChance: random.fork('reentry').pick([0, 0, 0.02, 0.1, 0.3]),
    nameBytes: random.chance(0.05) ? 6000 : 0,
    strangersPerRequest: random.pick([0, 0.2, 1]),
  };
}

type RecipeSetup = Pick<ClientSetup, 'sasl' | 'services'>;

function drawRecipes(random: Random): RecipeSetup {
  return {
    sasl: random.chance(0.2),
    services: {
      registrations: random.pick([0, 0, 1, 2]),
      follows: random.chance(0.3),
      changeMs: random.pick([500, 3000, 20_000]),
    },
  };
}

function drawClient(
  random: Random,
  tickMs: number,
): Omit<ClientSetup, 'thinkMs' | keyof RecipeSetup> {
  return {
    sessionTimeoutMs: tickMs * random.pick([1, 4, 8, 20, 40]),
    connectTimeoutMs: random.pick([500, 2000, 10_000]),
    chroot: random.pick(['', '', '/app', '/app/deep']),
    readOnly: random.chance(0.2),
    whileDisconnected: random.chance(0.85) ? 'wait' : 'fail',
    afterExpiry: random.chance(0.95) ? 'new-session' : 'end',
    credentials: random.pick([0, 0, 0, 1, 2]),
    workers: random.int(1, 4),
    depthMax: random.pick([1, 4, 16, 64]),
    inflightMax: random.chance(0.1) ? random.int(1, 20) : undefined,
  };
}

/** Some seeds are mostly about calls that make several requests. */
const MOSTLY_HELPERS = 0.3;

function drawOperations(random: Random): Record<OperationKind, number> {
  const weights = swarm(random, OPERATION_KINDS);
  if (!random.fork('helpers').chance(MOSTLY_HELPERS)) return weights;
  for (const kind of OPERATION_KINDS) {
    if (!isHelper(kind) && !readsMany(kind)) weights[kind] /= 10;
  }
  return weights;
}

/** Weights: some kinds not at all, some often. */
function swarm<T extends string>(random: Random, kinds: readonly T[]): Record<T, number> {
  const weights = {} as Record<T, number>;
  for (const kind of kinds) weights[kind] = random.pick([0, 0, 1, 1, 1, 2, 5]);
  if (kinds.every((kind) => weights[kind] === 0)) weights[random.pick(kinds)] = 1;
  return weights;
}
