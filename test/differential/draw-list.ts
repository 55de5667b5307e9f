import { OP } from '../../src/codec/index.ts';
import { FRAME_BODY_BYTES_MAX } from '../../src/limits.ts';
import { Random } from '../simulation/random.ts';
import { drawRequest, EVERYDAY, REQUEST_KINDS, type RequestKind } from './draw-request.ts';
import type { ConnectPlan, Field, PasswordPlan, RequestPlan, Step, StepList } from './step.ts';
import { SLOTS } from './step.ts';
import { Vocabulary } from './vocabulary.ts';

const STEPS_MIN = 50;
const STEPS_MAX = 250;

/** Frames that end the connection on which they come: no length, too long, no header. */
const BAD_FRAMES = ['00000000', 'ffffffff', '00100000', '7fffffff', '0000000400000001', '72756f6b'];

/** The same on a new connection, and beginnings of handshakes. */
const BAD_HELLOS = [...BAD_FRAMES.slice(0, -1), '000000080000000000000000', '61626364', '47455420'];

/** What a server says to those that it does not answer is compared too. */
const WORDS = ['srvr', 'srvr', 'ruok', 'isro', 'wchs', 'wchs', 'stat', 'mntr', 'gtmk'];

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
   * request then waits for the one before.
   */
  readonly #hasQuotas: boolean;
  #quotas = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#words = new Vocabulary(random, random.pick([0, 0.02, 0.05, 0.15]));
    this.#kindWeights = drawWeights(random);
    this.#hasQuotas = random.chance(0.15);
    this.#burstMax = this.#hasQuotas ? 1 : random.pick([1, 4, 8, 20]);
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
    if (chance < 5) return this.#end(slot, { kind: 'drop', slot });
    if (chance < 7) return this.#end(slot, this.#ending(slot));
    if (chance < 8) return { kind: 'word', word: this.#random.pick(WORDS) };
    if (chance < 9) return { kind: 'raw', hex: this.#random.pick(BAD_HELLOS) };
    if (chance < 12) return this.#login(slot);
    if (chance < 14) return this.#hasQuotas ? this.#quota(slot) : this.#family(slot);
    if (chance < 20 && this.#hasQuotas) return this.#quota(slot);
    return this.#random.chance(0.004) ? this.#large(slot) : this.#burst(slot);
  }

  #openNew(slot: number): Step {
    const { random } = this;
    this.#slots[slot] = { isLive: true, hasSession: true };
    const connect: ConnectPlan = { ...this.#hello(), session: 'new', password: 'right' };
    if (!random.chance(0.15)) return { kind: 'open', slot, connect };
    return { kind: 'open', slot, connect, requests: this.#requestsOf(random.int(1, 3)) };
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
    return { kind: 'open', slot, connect };
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
      { ...hello, session: 'new', password: 'right', seen: 1_000_000 },
    ];
    return { kind: 'open', slot, connect: random.pick(plans) };
  }

  #hello(): Omit<ConnectPlan, 'session' | 'password'> {
    const { random } = this;
    const timeoutMs = random.pick([30_000, 40_000, 0, 1, -1, 2 ** 31 - 1, -(2 ** 31)]);
    return {
      timeoutMs,
      ...(random.chance(0.8) ? { readOnly: random.chance(0.2) } : {}),
      ...(random.chance(0.05) ? { protocolVersion: random.pick([1, 7, -1]) } : {}),
      ...(random.chance(0.3) ? { seen: -random.int(0, 20) } : {}),
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
      const close: RequestPlan = { op: OP.closeSession, parts: [], closes: true };
      return { kind: 'send', slot, requests: [...before, close] };
    }
    if (chance < 6) return { kind: 'raw', slot, hex: random.pick(BAD_FRAMES) };
    const request = chance < 8 ? this.#unknownRequest() : this.#refusedLogin();
    return { kind: 'send', slot, requests: [{ ...request, closes: true }] };
  }

  #unknownRequest(): RequestPlan {
    const { random } = this;
    const op = random.pick([0, 10, 23, 99, 108, 500, -1, -2, -12, 2 ** 31 - 1, -(2 ** 31)]);
    return { op, parts: random.chance(0.5) ? [] : [[['s', '~/a']]] };
  }

  #refusedLogin(): RequestPlan {
    const { random } = this;
    const schemes = ['nosuch', 'world', 'auth', 'super', '', 'x509', 'sasl', 'DIGEST', null];
    return authRequest(random.pick(schemes), random.pick(['alice:secret', '', null]), -4);
  }

  /** An auth packet, which is answered at once: so it comes first, and alone or before others. */
  #login(slot: number): Step {
    const { random } = this;
    const scheme = random.chance(0.9) ? 'digest' : 'ip';
    const xid = random.chance(0.9) ? -4 : random.pick([0, 5, -5, 555]);
    const token = random.pick([null, '', 'token']);
    const first: RequestPlan = random.chance(0.15)
      ? { op: OP.sasl, parts: [[['d', token]]] }
      : authRequest(scheme, this.#words.login(), xid);
    return {
      kind: 'send',
      slot,
      requests: [first, ...this.#requestsOf(random.pick([0, 0, 1, 3]))],
    };
  }

  /** Many children at once, so that their order is worth looking at. */
  #family(slot: number): Step {
    const { random } = this;
    const parent = this.#words.parent();
    const count = random.chance(0.05) ? 200 : random.int(3, 30);
    const flag = random.pick([0, 0, 1, 2, 3]);
    const births = Array.from({ length: count }, (_, index): RequestPlan => {
      const path = `${parent}/${random.pick(['k', 'node-', 'x'])}${flag < 2 ? index : ''}`;
      const fields = [['s', path], ['d', 'k'], ...OPEN, ['i', flag]] as const;
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

  /** Quotas are nodes; what they count is in others beside them. */
  #quota(slot: number): Step {
    const { random } = this;
    if (this.#quotas++ % 8 === 0) return this.#newQuota(slot);
    const home = random.pick(['^', '^', '^/a']);
    const name = random.pick(['', '/zookeeper_limits', '/zookeeper_limits', '/zookeeper_stats']);
    const path = ['s', `${home}${name}`] as const;
    const data = ['d', name === '/zookeeper_stats' ? STATS : random.pick(LIMITS)] as const;
    const requests: readonly RequestPlan[] = [
      { op: OP.create, parts: [[path, data, ...OPEN, ['i', 0]]] },
      { op: OP.create, parts: [[path, data, ...OPEN, ['i', 0]]] },
      { op: OP.setData, parts: [[path, data, ['i', -1]]] },
      { op: OP.getData, parts: [[path, ['t', random.chance(0.5)]]] },
      { op: OP.getData, parts: [[path, ['t', false]]] },
      {
        op: OP.getChildren2,
        parts: [
          [
            ['s', home],
            ['t', true],
          ],
        ],
      },
      { op: OP.delete, parts: [[path, ['i', -1]]] },
    ];
    return { kind: 'send', slot, requests: [random.pick(requests)] };
  }

  /** Everything that a quota takes. */
  #newQuota(slot: number): Step {
    const home = this.#quotas === 1 ? '^' : '^/a';
    const nodes = [
      [home, null],
      [`${home}/zookeeper_stats`, STATS],
      [`${home}/zookeeper_limits`, this.#random.pick(LIMITS)],
    ] as const;
    const requests = nodes.map(([path, data]): RequestPlan => {
      return { op: OP.create, parts: [[['s', path], ['d', data], ...OPEN, ['i', 0]]] };
    });
    return { kind: 'send', slot, requests };
  }

  /** As long as a request may be, or a byte longer. */
  #large(slot: number): Step {
    const path = ['s', this.#words.parent()] as const;
    if (this.#random.chance(0.7)) {
      const fields = [path, ['u', FRAME_BODY_BYTES_MAX], ['i', -1]] as const;
      return { kind: 'send', slot, requests: [{ op: OP.setData, parts: [fields] }] };
    }
    const fields = [path, ['u', FRAME_BODY_BYTES_MAX + 1], ['i', -1]] as const;
    const request: RequestPlan = { op: OP.setData, parts: [fields], closes: true };
    return this.#end(slot, { kind: 'send', slot, requests: [request] });
  }

  #burst(slot: number): Step {
    const { random } = this;
    const requests = this.#requestsOf(random.int(1, this.#burstMax));
    if (!random.chance(0.08)) return { kind: 'send', slot, requests };
    return { kind: 'send', slot, requests, pieceBytes: random.pick([1, 3, 7, 50]) };
  }

  /**
   * Requests of a burst. 3.8.0 races with itself behind two of them: what comes right after a setACL it checks
   * against the new ACL or the old, and after a multi that it trips over it takes the first steps for done.
   */
  #requestsOf(count: number): RequestPlan[] {
    const requests: RequestPlan[] = [];
    if (this.#hasQuotas && count > 1) return requests;
    while (requests.length < count) {
      const kind = this.#random.weighted(this.#kindWeights);
      const request = drawRequest(this.#words, kind);
      requests.push(request);
      if (kind === 'setACL' || isMultiThatMayTrip(request)) break;
    }
    return requests;
  }
}

/** Limits as clients write them, soft and hard; and what they count, at first. */
const LIMITS = [
  'count=3,bytes=100',
  'count=-1,bytes=-1=;byteHardLimit=60;countHardLimit=-1',
  'count=10,bytes=-1=;byteHardLimit=-1;countHardLimit=6',
  'count=2,bytes=5=;byteHardLimit=200;countHardLimit=12',
];
const STATS = 'count=0,bytes=0';

const OPEN = [
  ['n', 1],
  ['i', 31],
  ['s', 'world'],
  ['s', 'anyone'],
] as const;

function authRequest(scheme: string | null, credentials: string | null, xid: number): RequestPlan {
  return {
    op: OP.auth,
    xid,
    parts: [
      [
        ['i', 0],
        ['s', scheme],
        ['d', credentials],
      ],
    ],
  };
}

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
