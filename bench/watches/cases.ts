import type { LaneCase } from '../lanes/lane.ts';
import type { PeerName } from '../peers.ts';

/**
 * What is registered: one-shot watches each of a node of its own, persistent ones each of a node of its
 * own, or one recursive watch above all of the nodes.
 */
export const WATCH_STYLES = ['one-shot', 'persistent', 'recursive'] as const;
export type WatchStyle = (typeof WATCH_STYLES)[number];

/** Zkwire's listeners, zkwire's iterators, and the peers' listeners. */
export const WATCH_CLIENTS = [
  'zkwire-listener',
  'zkwire-iterator',
  'zookeeper',
  'node-zookeeper-client',
] as const;
export type WatchClient = (typeof WATCH_CLIENTS)[number];

/** How much is registered and heard in one turn. */
export interface WatchAmounts {
  /** Nodes that are watched. */
  readonly watches: number;
  /** Asked for at a time, one behind the other without a gap. */
  readonly eventsPerRound: number;
  /** Heard and thrown away. */
  readonly warmupRounds: number;
  readonly rounds: number;
}

export interface WatchCase extends LaneCase, WatchAmounts {
  readonly style: WatchStyle;
  readonly client: WatchClient;
}

const COUNTS = [1_000, 10_000, 100_000, 1_000_000];
/** What the figures are quoted from. */
export const FIGURE_WATCHES = 100_000;
const FIGURE_TURNS = 10;
const OTHER_TURNS = 3;
/** Registering takes npm zookeeper a fifth of a millisecond a watch, and one-shot watches are registered for every round. */
const PEER_WATCHES_MAX = 100_000;
/** V8 has seen enough of them by then. */
const WARMUP_EVENTS = 200_000;
const MEASURED_EVENTS = 1_000_000;
const QUICK_EVENTS = 4_000;
const QUICK_COUNTS = [1_000];
/** A round of lasting watches is at least so long: less would measure the way of one request. */
const ROUND_EVENTS_MIN = 100_000;
/** Of few one-shot watches no more rounds than this are measured. */
const ONE_SHOT_ROUNDS_MAX = 100;
/** Peers are slow enough to be measured with few. */
const PEER_EVENTS = 20_000;
const PROCESS_MS = 300;
/** Typical time of one watch with one event, on two cores of a cloud machine. */
const EVENT_US = {
  'zkwire-listener': 3,
  'zkwire-iterator': 4,
  zookeeper: 400,
  'node-zookeeper-client': 60,
} as const;

export function watchGroup(style: WatchStyle, watches: number): string {
  return `watches/${style}/${watches}`;
}

export function watchCases(quick: boolean): WatchCase[] {
  return WATCH_STYLES.flatMap((style) =>
    (quick ? QUICK_COUNTS : COUNTS).flatMap((watches) =>
      WATCH_CLIENTS.filter((client) => isMeasured(style, watches, client)).map((client) =>
        caseOf(style, watches, client, quick),
      ),
    ),
  );
}

function isMeasured(style: WatchStyle, watches: number, client: WatchClient): boolean {
  return peerOf(client) === null || (style === 'one-shot' && watches <= PEER_WATCHES_MAX);
}

function caseOf(
  style: WatchStyle,
  watches: number,
  client: WatchClient,
  quick: boolean,
): WatchCase {
  const amounts = amountsOf(style, watches, client, quick);
  const { eventsPerRound, rounds, warmupRounds } = amounts;
  const events = eventsPerRound * (rounds + warmupRounds);
  const isFigure = watches === FIGURE_WATCHES && client === 'zkwire-listener';
  const turns = isFigure ? FIGURE_TURNS : OTHER_TURNS;
  return {
    ...amounts,
    name: `${watchGroup(style, watches)}/${client}`,
    group: watchGroup(style, watches),
    turns: quick ? 1 : turns,
    turnMs: PROCESS_MS + (Math.max(watches, events) * EVENT_US[client]) / 1000,
    peer: peerOf(client),
    style,
    client,
  };
}

/** A one-shot watch hears one event a round; the others hear as many as are worth measuring. */
function amountsOf(
  style: WatchStyle,
  watches: number,
  client: WatchClient,
  quick: boolean,
): WatchAmounts {
  const eventsPerRound =
    style === 'one-shot' || quick ? watches : Math.max(watches, ROUND_EVENTS_MIN);
  const whole = peerOf(client) === null ? MEASURED_EVENTS : PEER_EVENTS;
  const measured = quick ? QUICK_EVENTS : whole;
  const rounds = Math.min(ONE_SHOT_ROUNDS_MAX, Math.ceil(measured / eventsPerRound));
  const warmup = quick ? 1 : Math.ceil(WARMUP_EVENTS / eventsPerRound);
  return { watches, eventsPerRound, rounds, warmupRounds: Math.min(rounds, warmup) };
}

function peerOf(client: WatchClient): PeerName | null {
  return client === 'zookeeper' || client === 'node-zookeeper-client' ? client : null;
}
