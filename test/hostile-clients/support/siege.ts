import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { type RandomSource, randomSource } from '../../conformance/random-source.ts';
import { bytesOf, hostileOf, SEEDS } from '../../property/mutations.ts';
import { Attacker } from './attacker.ts';
import { ATTACKS, type Attack, type Surroundings } from './attacks.ts';

/** What a siege is made of. */
export interface SiegePlan {
  /** Everything random comes from it. */
  readonly seed: number;
  /** Number of the first attacker. */
  readonly first: number;
  /** How many there are in all. */
  readonly count: number;
  /** How many at a time. */
  readonly together: number;
}

/** How it went. */
export interface SiegeReport {
  /** Attackers, by what they did. */
  readonly counts: ReadonlyMap<string, number>;
  readonly seconds: number;
  /** What attackers got that they must not get. */
  readonly breaches: readonly string[];
}

const SHARES_ALL = ATTACKS.reduce((sum, { share }) => sum + share, 0);

/** Different frames that began as goldens; attackers send them in an order of their own. */
const MUTANTS = 4_000;

/** Frames of clients, changed at random: one in eight is as it was. */
export function mutantsOf(seed: number): Buffer[] {
  const requests = SEEDS.filter(({ golden }) => golden.direction === 'c2s');
  return fc
    .sample(hostileOf(requests, 0), { seed, numRuns: MUTANTS })
    .map((hostile) => bytesOf(hostile));
}

/** Lets the attackers loose on a port of 127.0.0.1. Each depends on the seed and its own number only. */
export async function besiege(
  port: number,
  plan: SiegePlan,
  surroundings: Surroundings,
): Promise<SiegeReport> {
  const counts = new Map<string, number>();
  const breaches: string[] = [];
  const startMs = performance.now();
  let next = plan.first;
  const end = plan.first + plan.count;
  const lane = async (): Promise<void> => {
    while (next < end) {
      const number = next++;
      const random = randomSource(Math.imul(plan.seed + number, 0x9e3779b1));
      const attack = drawAttack(random);
      counts.set(attack.name, (counts.get(attack.name) ?? 0) + 1);
      try {
        await runAttack(port, number, attack, random, surroundings);
      } catch (cause) {
        breaches.push(`attacker ${number} (${attack.name}): ${(cause as Error).message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: plan.together }, lane));
  // What the last ones left behind is read by the server in the next turns.
  await pause(50);
  return { counts, seconds: (performance.now() - startMs) / 1_000, breaches };
}

async function runAttack(
  port: number,
  number: number,
  attack: Attack,
  random: RandomSource,
  surroundings: Surroundings,
): Promise<void> {
  // Loopback has 16 million addresses, at least on Linux; each has ports of its own.
  const address = process.platform === 'linux' ? `127.0.0.${2 + (number % 8)}` : '127.0.0.1';
  const attacker = new Attacker(port, address);
  try {
    await attack.run(attacker, random, surroundings);
  } finally {
    if (random(2) === 0) attacker.reset();
    await attacker.leave();
  }
}

function drawAttack(random: RandomSource): Attack {
  // The first numbers of a xorshift are as alike as their seeds.
  for (let round = 0; round < 4; round++) random(2);
  let at = random(SHARES_ALL);
  for (const attack of ATTACKS) {
    at -= attack.share;
    if (at < 0) return attack;
  }
  throw new RangeError('shares do not add up');
}
