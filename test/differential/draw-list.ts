import { OP } from '../../src/codec/index.ts';
import { Random } from '../simulation/random.ts';
import { largestRequest, tooLargeRequest } from './draw-large.ts';
import { drawLogin, refusedLogin, unreadableLogin } from './draw-login.ts';
import { newQuota, quotaRequest } from './draw-quota.ts';
import { drawRequest, EVERYDAY, REQUEST_KINDS, type RequestKind } from './draw-request.ts';
import {
  type ConnectPlan,
  type Field,
  OPEN_ACL,
  type PasswordPlan,
  type RequestPlan,
  SLOTS,
  type Step,
  type StepList,
} from './step.ts';
import { Vocabulary } from './vocabulary.ts';

const STEPS_MIN = 50;
const STEPS_MAX = 250;

/** A handshake without the last byte. */
const HELLO = `0000002c${'00'.repeat(12)}00007530${'00'.repeat(8)}00000010${'00'.repeat(16)}`;

/** Frames that end the connection on which they come: no length, too long, no header, a second handshake. */
const BAD_FRAMES = [
  ...['00000000', 'ffffffff', '80000000', '00100000', '7fffffff', '0000000400000001'],
  ...['0000000700000001000000', '72756f6b', HELLO],
];

/** A getData of `/`, a ping, a close of the session and a login of scheme `ip`. */
const REQUESTS = [
  '0000000e0000000100000004000000012f00',
  '00000008fffffffe0000000b',
  '0000000800000001fffffff5',
  '00000016fffffffc0000006400000000000000026970ffffffff',
];

/** What ends a new connection: the same, beginnings of handshakes, requests without one. */
const BAD_HELLOS = [
  ...BAD_FRAMES.slice(0, -2),
  ...REQUESTS,
  ...['000000080000000000000000', '61626364', '47455420', '16030100'],
  // A password with a length that cannot be.
  HELLO.replace('00000010', 'fffffffe'),
  HELLO.replace('00000010', '00000011'),
  HELLO.replace('00000010', '7fffffff'),
];

/** What a server says to those that it does not answer is compared too. */
const WORDS = [
  ...['srvr', 'srvr', 'ruok', 'isro', 'wchs', 'wchs', 'stat', 'mntr', 'gtmk', 'stmk'],
  ...['cons', 'crst', 'dirs', 'dump', 'envi', 'hash', 'srst', 'wchc', 'wchp', 'lead'],
];

/** The list of a seed: the same for ever. */
export function drawList(seed: number): StepList {
  const root = `/d${(seed >>> 0).toString(16)}`;
  return { seed, root, steps: new ListDrawer(new Random(seed).fork('differential')).draw() };
}

/** How far a slot has come, as far as that can be known without a server. */
interface SlotState {
  isLive: boolean;
  /** A session has been seen there, and somebody may be connected to it. */
  hasSession: boolean;
}

class ListDrawer {
  readonly #random: Random;
  readonly #words: Vocabulary;
  readonly #kindWeights: Readonly<Record<RequestKind, number>>;
  readonly #slots: SlotState[] = Array.from({ length: SLOTS }, () => ({
    isLive: false,
    hasSession: false,
  }));
  readonly #burstMax: number;
  /**
   * There are quotas. 3.8.0 checks a write against what has been applied, not what is under way: each
   * write then waits for the one before.
   */
  readonly #hasQuotas: boolean;
  #quotas = 0;

  constructor(random: Random) {
    this.#random = random;
    const oddness = random.pick([0, 0.02, 0.05, 0.15, 0.4]);
    this.#words = new Vocabulary(random, oddness, random.pick([0.05, 0.15, 0.15, 0.6]));
    this.#kindWeights = drawWeights(random);
    this.#hasQuotas = random.chance(0.2);
    this.#burstMax = random.pick([1, 4, 8, 20]);
  }

  draw(): Step[] {
    const slots = this.#random.int(1, 3);
    const steps: Step[] = Array.from({ length: slots }, (_, slot) => this.#openNew(slot));
    if (this.#hasQuotas) steps.push(this.#quota(0));
    const count = this.#random.int(STEPS_MIN, STEPS_MAX);
    while (steps.length < count) steps.push(this.#step());
    return steps;
  }

  #step(): Step {
    const live = this.#slots.flatMap(({ isLive }, slot) => (isLive ? [slot] : []));
    const free = this.#slots.flatMap(({ isLive }, slot) => (isLive ? [] : [slot]));
    const chance = this.#random.int(0, 99);
    if (live.length === 0 || (chance < 4 && free.length > 0)) return this.#open(free);
    const slot = this.#random.pick(live);
    if (chance < 5) return this.#end(slot, this.#dropping(slot));
    if (chance < 7) return this.#end(slot, this.#ending(slot));
    if (chance < 8) return { kind: 'word', word: this.#random.pick(WORDS) };
    if (chance < 9) return { kind: 'raw', hex: this.#random.pick(BAD_HELLOS) };
    if (chance < 12) return this.#login(slot);
    if (chance < 14) return this.#hasQuotas ? this.#quota(slot) : this.#family(slot);
    if (chance < 20 && this.#hasQuotas) return this.#quota(slot);
    if (this.#random.chance(0.006)) return this.#large(slot);
    return live.length > 1 && this.#random.chance(0.02) ? this.#together(live) : this.#burst(slot);
  }

  #openNew(slot: number): Step {
    const { random } = this;
    this.#slots[slot] = { isLive: true, hasSession: true };
    // Of a session that is to be made, nobody looks at the password.
    const password = random.chance(0.1) ? random.pick(PASSWORDS) : 'right';
    const connect: ConnectPlan = { ...this.#hello(), session: 'new', password };
    const logins = random.chance(0.25) ? [drawLogin(this.#words)] : [];
    const others = random.chance(0.15) ? this.#requestsOf(random.int(1, 3)) : [];
    const requests = [...logins, ...others];
    return { kind: 'open', slot, connect, ...(requests.length > 0 ? { requests } : {}) };
  }

  #open(free: readonly number[]): Step {
    const { random } = this;
    const slot = random.pick(free);
    const seen = this.#slots.flatMap(({ hasSession }, index) => (hasSession ? [index] : []));
    const chance = random.int(0, 9);
    if (seen.length === 0 || chance < 4) return this.#openNew(slot);
    if (chance === 4) return this.#openInVain(slot, random.pick(seen));
    const of = random.pick(seen);
    // The old connection of the session goes.
    if (of !== slot) this.#slots[of] = { isLive: false, hasSession: this.#slots[of]!.hasSession };
    this.#slots[slot] = { isLive: true, hasSession: true };
    const connect: ConnectPlan = { ...this.#hello(), session: { of }, password: 'right' };
    if (!random.chance(0.15)) return { kind: 'open', slot, connect };
    return { kind: 'open', slot, connect, requests: this.#requestsOf(random.int(1, 3)) };
  }

  /** A handshake that servers refuse. */
  #openInVain(slot: number, of: number): Step {
    const { random } = this;
    const hello = this.#hello();
    const password = random.pick<PasswordPlan>(['wrong', 'short', 'empty', 'null']);
    const plans: readonly ConnectPlan[] = [
      { ...hello, session: { of }, password },
      { ...hello, session: 'unknown', password: 'right' },
      { ...hello, session: { of }, password: 'right', seen: 1_000_000 },
      { ...hello, session: 'unknown', password },
      { ...hello, session: 'new', password: 'right', seen: 1_000_000 },
      { ...hello, session: 'new', password: 'right', readOnly: true, cutBytes: random.int(2, 45) },
      { ...hello, session: { of }, password: 'right', readOnly: true, cutBytes: random.int(2, 45) },
    ];
    return { kind: 'open', slot, connect: random.pick(plans) };
  }

  #hello(): Omit<ConnectPlan, 'session' | 'password'> {
    const { random } = this;
    const timeoutMs = random.pick(TIMEOUTS_MS);
    return {
      timeoutMs,
      ...(random.chance(0.8) ? { readOnly: random.chance(0.2) } : {}),
      ...(random.chance(0.05) ? { protocolVersion: random.pick([1, 7, -1]) } : {}),
      ...(random.chance(0.3) ? { seen: -random.int(0, 20) } : {}),
      ...(random.chance(0.02) ? { seen: -(2 ** 40) } : {}),
      ...(random.chance(0.05) ? { extraBytes: random.int(1, 30) } : {}),
    };
  }

  get random(): Random {
    return this.#random;
  }

  #end(slot: number, step: Step): Step {
    this.#slots[slot]!.isLive = false;
    return step;
  }

  /** Requests and bytes that make a server end the connection. */
  #ending(slot: number): Step {
    const { random } = this;
    const chance = random.int(0, 9);
    if (chance < 4) {
      const before = this.#requestsOf(random.pick([0, 0, 1, 3])).filter(makesNoNodes);
      const parts = random.chance(0.1) ? [[['i', 1] as const]] : [];
      const xid = random.chance(0.1) ? { xid: random.pick([0, -11, -1, -4]) } : {};
      const close: RequestPlan = { op: OP.closeSession, parts, closes: true, ...xid };
      return { kind: 'send', slot, requests: [...before, close] };
    }
    if (chance < 6) return { kind: 'raw', slot, hex: random.pick(BAD_FRAMES) };
    const request = chance < 8 ? this.#unknownRequest() : refusedLogin(random);
    return { kind: 'send', slot, requests: [{ ...request, closes: true }] };
  }

  #unknownRequest(): RequestPlan {
    const { random } = this;
    const op = random.pick(UNKNOWN_OPS);
    return { op, parts: random.chance(0.5) ? [] : [[['s', '~/a']]] };
  }

  /** The end of a connection, now and then right behind requests. */
  #dropping(slot: number): Step {
    if (!this.#random.chance(0.4)) return { kind: 'drop', slot };
    return { kind: 'drop', slot, requests: this.#requestsOf(this.#random.int(1, 4)) };
  }

  /** Reads on all connections at once. */
  #together(live: readonly number[]): Step {
    const sends = live.map((slot) => {
      const requests = this.#requestsOf(this.#random.int(1, 6)).filter(isRead);
      return { slot, requests };
    });
    return { kind: 'together', sends };
  }

  /** An auth packet, which is answered at once: so it comes first, and alone or before others. */
  #login(slot: number): Step {
    const { random } = this;
    if (random.chance(0.08)) {
      const request: RequestPlan = { ...unreadableLogin(this.#words), closes: true };
      return this.#end(slot, { kind: 'send', slot, requests: [request] });
    }
    const logins = Array.from({ length: random.pick([1, 1, 1, 2, 4]) }, () => {
      return drawLogin(this.#words);
    });
    const requests = [...logins, ...this.#requestsOf(random.pick([0, 0, 1, 3]))];
    return { kind: 'send', slot, requests };
  }

  /** Many children at once, so that their order is worth looking at. */
  #family(slot: number): Step {
    const { random } = this;
    const parent = this.#words.parent();
    const count = random.chance(0.05) ? 200 : random.int(3, 30);
    const flag = random.pick([0, 0, 1, 2, 3]);
    const births = Array.from({ length: count }, (_, index): RequestPlan => {
      const path = `${parent}/${random.pick(['k', 'node-', 'x'])}${flag < 2 ? index : ''}`;
      const fields = [['s', path], ['d', 'k'], ...OPEN_ACL, ['i', flag]] as const;
      return { op: OP.create, parts: [fields] };
    });
    const look: RequestPlan = {
      op: OP.getChildren2,
      parts: [
        [
          ['s', parent],
          ['t', false],
        ],
      ],
    };
    return { kind: 'send', slot, requests: [...births, look] };
  }

  /** Everything that a quota takes, or one request about it. */
  #quota(slot: number): Step {
    const isFirst = this.#quotas === 0;
    const isNew = this.#quotas++ % 8 === 0;
    const { random } = this;
    const requests = isNew ? newQuota(random, isFirst) : [quotaRequest(random)];
    return { kind: 'send', slot, requests };
  }

  /** A request as long as one may be, or a byte longer; or a great many. */
  #large(slot: number): Step {
    const { random } = this;
    if (random.chance(0.03)) return { kind: 'send', slot, requests: this.#flood() };
    if (random.chance(0.7)) {
      return { kind: 'send', slot, requests: [largestRequest(random, this.#words.parent())] };
    }
    const request = tooLargeRequest(random, this.#words.parent());
    return this.#end(slot, { kind: 'send', slot, requests: [request] });
  }

  #flood(): RequestPlan[] {
    return Array.from({ length: FLOOD_REQUESTS }, () => {
      return drawRequest(this.#words, this.#random.pick(FLOOD_KINDS));
    }).filter(isRead);
  }

  #burst(slot: number): Step {
    const { random } = this;
    const requests = this.#requestsOf(random.int(1, this.#burstMax));
    if (!random.chance(0.08)) return { kind: 'send', slot, requests };
    return { kind: 'send', slot, requests, pieceBytes: random.pick([1, 3, 7, 50]) };
  }

  /**
   * Requests of a burst, so many at most. 3.8.0 races with itself behind two of them: what comes right after a setACL it checks
   * against the new ACL or the old, and after a multi that it trips over it takes the first steps for done.
   */
  #requestsOf(count: number): RequestPlan[] {
    const requests: RequestPlan[] = [];
    let writes = 0;
    for (let drawn = 0; drawn < count; drawn++) {
      const kind = this.#random.weighted(this.#kindWeights);
      const request = drawRequest(this.#words, kind);
      if (this.#hasQuotas && !READS.has(request.op) && ++writes > 1) continue;
      requests.push(request);
      if (kind === 'setACL' || isMultiThatMayTrip(request)) break;
    }
    return requests;
  }
}

/** More than a server takes in at once (`globalOutstandingLimit`). */
const FLOOD_REQUESTS = 1_500;
const FLOOD_KINDS = ['exists', 'getData', 'getChildren2', 'sync', 'ping', 'whoAmI'] as const;

const PASSWORDS: readonly PasswordPlan[] = ['wrong', 'short', 'empty', 'null'];

const TIMEOUTS_MS = [30_000, 40_000, 0, 1, -1, 1_000_001, 2 ** 31 - 1, -(2 ** 31)];

const UNKNOWN_OPS = [
  ...[0, 10, 23, 24, 99, 108, 109, 110, 500, 65_537],
  ...[-1, -2, -9, -12, -100, 2 ** 31 - 1, -(2 ** 31)],
];

/** Changes nothing that another connection could see. */
function isRead({ op, xid }: RequestPlan): boolean {
  return xid === undefined && READS.has(op);
}

const READS: ReadonlySet<number> = new Set([
  ...[OP.exists, OP.getData, OP.getACL, OP.getChildren, OP.getChildren2, OP.sync, OP.multiRead],
  ...[OP.getEphemerals, OP.getAllChildrenNumber, OP.whoAmI, OP.addWatch, OP.removeWatches],
  ...[OP.setWatches, OP.setWatches2, OP.ping],
]);

/**
 * 3.8.0 deletes ephemeral nodes in an order that depends on whether those before the close have been applied
 * when it is checked.
 */
function makesNoNodes({ op }: RequestPlan): boolean {
  return op !== OP.create && op !== OP.create2 && op !== OP.multi && op !== OP.delete;
}

/** A null or a length where none is looked for, or a create with a mode that takes a TTL. */
function isMultiThatMayTrip({ op, parts }: RequestPlan): boolean {
  if (op !== OP.multi) return false;
  return parts.some((part) => {
    const isCreate = part.length > 6 && part[0]?.[1] !== OP.createTTL;
    const hasTtlMode = isCreate && [5, 6].includes(Number(part.at(-1)?.[1]));
    return hasTtlMode || part.some(isOdd);
  });
}

/** No string, or a length that is no count of an ACL. */
function isOdd([kind, value]: Field): boolean {
  if (kind === 's') return value === null;
  return kind === 'n' && ![1, 2, 3].includes(value);
}

/** Some kinds not at all, some often; but always something that makes nodes come and go. */
function drawWeights(random: Random): Record<RequestKind, number> {
  const weights = {} as Record<RequestKind, number>;
  for (const kind of REQUEST_KINDS) {
    weights[kind] = random.pick(EVERYDAY.has(kind) ? [3, 5, 10] : [0, 1, 1, 1, 2, 4]);
  }
  // Servers answer it with one and the same refusal, and the list ends where they do not.
  weights.deleteContainer = random.chance(0.1) ? 1 : 0;
  return weights;
}
