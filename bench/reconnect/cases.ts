/** What breaks the connection. */
export const CAUSES = ['reset', 'restart', 'leader-killed', 'frozen'] as const;
export type Cause = (typeof CAUSES)[number];

/** What the clients talk to: canned replies, one real ZooKeeper, or three of them. */
export const TARGETS = ['null', 'real', 'ensemble'] as const;
export type Target = (typeof TARGETS)[number];

/** The bare socket is the floor: connect, handshake and get without any client. */
export const CLIENTS = ['bare-socket', 'zkwire', 'node-zookeeper-client', 'zookeeper'] as const;
export type ClientName = (typeof CLIENTS)[number];

export type Ask = 'get' | 'set';

/** One cause against one target, for several clients. */
export interface Scenario {
  readonly cause: Cause;
  readonly target: Target;
  /** Addresses in the connect string. */
  readonly addresses: number;
  /** Watches that are set before the first fault, and have to be there after each. */
  readonly watches: number;
  /** Session time-out to ask for. */
  readonly sessionTimeoutMs: number;
  /** A client that has not recovered after this time is given up. */
  readonly limitMs: number;
  /** What is asked over and over. A follower may go on to serve reads for a moment when its leader is gone; a write takes a leader. */
  readonly ask: Ask;
  /** Time between a good reply and the next request. */
  readonly paceMs: number;
}

/** One client in one scenario. */
export interface ReconnectCase extends Scenario {
  readonly name: string;
  /** Cases of one group run in turns, A B C, then C B A. */
  readonly group: string;
  readonly client: ClientName;
  readonly turns: number;
  /** Faults in one turn. */
  readonly faults: number;
}

/** Turns, and faults of each client in a turn; a client that is not named is not measured. */
interface Amount {
  readonly turns: number;
  readonly faults: Partial<Record<ClientName, number>>;
}

interface Plan {
  readonly scenario: Scenario;
  readonly full: Amount;
  /** Null: not in a quick run. */
  readonly quick: Amount | null;
}

/** Longer than any client takes in healthy surroundings: npm zookeeper needs up to 9 s. */
const LIMIT_MS = 20_000;

function reset(target: Target, addresses: number, watches: number, limitMs = LIMIT_MS): Scenario {
  // Always one request under way: the fault hits a client that is at work, and nothing waits for a timer.
  const paceMs = 0;
  const sessionTimeoutMs = 10_000;
  const common = { target, addresses, watches, sessionTimeoutMs, limitMs, paceMs };
  return { cause: 'reset', ask: 'get', ...common };
}

function outage(
  cause: Cause,
  target: Target,
  addresses: number,
  sessionTimeoutMs: number,
): Scenario {
  // Servers that start need the processors more than requests do.
  const paceMs = 2;
  const ask = cause === 'leader-killed' ? 'set' : 'get';
  const limitMs = cause === 'frozen' ? 3 * sessionTimeoutMs : LIMIT_MS;
  return { cause, target, addresses, watches: 0, sessionTimeoutMs, limitMs, ask, paceMs };
}

/** Over 1 MiB of paths: what does not fit into one packet is refused by the server for ever. */
const MANY_WATCHES = 100_000;
const MANY_LIMIT_MS = 10_000;

function amount(
  turns: number,
  bare: number,
  zkwire: number,
  javaScriptPeer: number,
  nativePeer: number,
): Amount {
  const faults: Partial<Record<ClientName, number>> = {
    'bare-socket': bare,
    zkwire,
    'node-zookeeper-client': javaScriptPeer,
    zookeeper: nativePeer,
  };
  return { turns, faults };
}

const PLANS: readonly Plan[] = [
  {
    scenario: reset('null', 3, 0),
    full: amount(5, 200, 200, 60, 4),
    quick: amount(1, 30, 30, 10, 1),
  },
  {
    scenario: reset('real', 3, 0),
    full: amount(5, 200, 200, 60, 4),
    quick: amount(1, 20, 20, 10, 0),
  },
  { scenario: reset('real', 1, 0), full: amount(3, 50, 50, 20, 4), quick: null },
  {
    scenario: reset('real', 3, 1_000),
    full: amount(3, 0, 50, 20, 1),
    quick: amount(1, 0, 5, 0, 0),
  },
  {
    scenario: reset('real', 3, MANY_WATCHES, MANY_LIMIT_MS),
    full: amount(2, 0, 10, 1, 1),
    quick: null,
  },
  {
    scenario: outage('restart', 'real', 1, 10_000),
    full: amount(3, 2, 2, 2, 2),
    quick: amount(1, 0, 1, 0, 0),
  },
  {
    scenario: outage('leader-killed', 'ensemble', 3, 10_000),
    full: amount(3, 3, 3, 3, 3),
    quick: amount(1, 1, 1, 0, 0),
  },
  {
    scenario: outage('frozen', 'ensemble', 2, 4_000),
    full: amount(2, 2, 2, 1, 1),
    quick: amount(1, 0, 1, 0, 0),
  },
];

export function scenarioName(scenario: Scenario): string {
  const { cause, target, addresses, watches } = scenario;
  const parts = [cause, target, addresses === 1 ? '1-address' : `${addresses}-addresses`];
  return [...parts, ...(watches > 0 ? [`${watches}-watches`] : [])].join('/');
}

export function caseName(scenario: Scenario, client: ClientName): string {
  return `${scenarioName(scenario)}/${client}`;
}

export function reconnectCases(quick: boolean): ReconnectCase[] {
  return PLANS.flatMap(({ scenario, full, quick: less }) => {
    const wanted = quick ? less : full;
    if (wanted === null) return [];
    return CLIENTS.flatMap((client): ReconnectCase[] => {
      const faults = wanted.faults[client] ?? 0;
      if (faults === 0) return [];
      const names = { name: caseName(scenario, client), group: scenarioName(scenario), client };
      return [{ ...scenario, ...names, turns: wanted.turns, faults }];
    });
  });
}

/** Typical time of one fault with all that belongs to it, for estimates. */
export function faultMs({ cause, client, watches }: ReconnectCase): number {
  const peerMs = client === 'zookeeper' ? 5_000 : client === 'node-zookeeper-client' ? 30 : 20;
  switch (cause) {
    case 'reset':
      return peerMs + watches / 50;
    case 'restart':
      return 3_000 + peerMs;
    case 'leader-killed':
      return 5_000 + peerMs;
    case 'frozen':
      return 8_000 + peerMs;
  }
}
