import { OP, type TtlFlags } from '../codec/index.ts';
import type { CreateKind, PlainCreateMode, TtlCreateMode } from './types.ts';

/** Longest time to live that servers accept: 40 bits of milliseconds. */
const TTL_MS_MAX: number = 2 ** 40 - 1;

/** Maps, not objects: a mode such as `constructor` must not find anything. */
const PLAIN_FLAGS: ReadonlyMap<unknown, number> = new Map<PlainCreateMode, number>([
  ['persistent', 0],
  ['ephemeral', 1],
  ['persistent-sequential', 2],
  ['ephemeral-sequential', 3],
  ['container', 4],
]);

const TTL_FLAGS: ReadonlyMap<unknown, TtlFlags> = new Map<TtlCreateMode, TtlFlags>([
  ['persistent-ttl', 5],
  ['persistent-sequential-ttl', 6],
]);

/** How a create goes onto the wire. The mode decides the opcode, so that the two can never disagree. */
export type CreateWire =
  | {
      readonly op: typeof OP.create | typeof OP.create2 | typeof OP.createContainer;
      readonly flags: number;
      readonly ttlMs: 0n;
      readonly sequential: boolean;
    }
  | {
      readonly op: typeof OP.createTTL;
      readonly flags: TtlFlags;
      readonly ttlMs: bigint;
      readonly sequential: boolean;
    };

/** Wire form of a create mode, or what is wrong with it. */
export function createWire(kind: CreateKind, withStat: boolean): CreateWire | string {
  const mode = kind.mode ?? 'persistent';
  const ttlFlags = TTL_FLAGS.get(mode);
  if (ttlFlags !== undefined) return ttlWire(mode, ttlFlags, kind.ttlMs);
  const flags = PLAIN_FLAGS.get(mode);
  if (flags === undefined) return `unknown create mode ${JSON.stringify(mode)}`;
  if (kind.ttlMs !== undefined) return `create mode ${mode} takes no ttlMs`;
  const op = mode === 'container' ? OP.createContainer : withStat ? OP.create2 : OP.create;
  return { op, flags, ttlMs: 0n, sequential: mode.includes('sequential') };
}

function ttlWire(mode: string, flags: TtlFlags, ttlMs: unknown): CreateWire | string {
  if (typeof ttlMs !== 'number' || !Number.isInteger(ttlMs) || ttlMs < 1 || ttlMs > TTL_MS_MAX) {
    return `create mode ${mode} needs ttlMs, a whole number of 1 to 2^40-1`;
  }
  return {
    op: OP.createTTL,
    flags,
    ttlMs: BigInt(ttlMs),
    sequential: mode.includes('sequential'),
  };
}
