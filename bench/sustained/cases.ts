import { byteLabel, type ClientName } from '../cases.ts';
import type { LaneCase } from '../lanes/lane.ts';
import type { PeerName } from '../peers.ts';

/** What Node itself can do, zkwire, and the clients of today. */
export const SUSTAINED_CLIENTS = [
  'raw-promise',
  'zkwire-promise',
  'zkwire-callback',
  'zookeeper',
  'node-zookeeper-client',
] as const satisfies readonly ClientName[];
export type SustainedClient = (typeof SUSTAINED_CLIENTS)[number];

export const SUSTAINED_PAYLOADS = [100, 1_024];
/** What the figures are quoted from. */
export const FIGURE_PAYLOAD_BYTES = 100;
/** Full load. */
export const SUSTAINED_DEPTH = 1_024;

export interface SustainedCase extends LaneCase {
  readonly client: SustainedClient;
  readonly payloadBytes: number;
  /** Whole seconds that are measured; the warm-up comes before them. */
  readonly seconds: number;
  readonly warmupMs: number;
}

/** A collector that runs every few seconds is seen several times. */
const WHOLE = { seconds: 60, warmupMs: 1_000 };
const QUICK = { seconds: 2, warmupMs: 100 };
const FIGURE_TURNS = 10;
const OTHER_TURNS = 2;
/** What Node, the kernel and the promises of the load itself leave of a client: what it stalls more is the client's. */
export const FLOOR_CLIENT: SustainedClient = 'raw-promise';
/** Start and end of a process, connect and close. */
const PROCESS_MS = 300;

export function sustainedGroup(payloadBytes: number): string {
  return `sustained/get/${byteLabel(payloadBytes)}`;
}

export function sustainedCases(quick: boolean): SustainedCase[] {
  const times = quick ? QUICK : WHOLE;
  return SUSTAINED_PAYLOADS.flatMap((payloadBytes) =>
    SUSTAINED_CLIENTS.map((client) => ({
      ...times,
      name: `${sustainedGroup(payloadBytes)}/${client}`,
      group: sustainedGroup(payloadBytes),
      turns: quick ? 1 : turnsOf(client, payloadBytes),
      turnMs: PROCESS_MS + times.warmupMs + times.seconds * 1000,
      peer: peerOf(client),
      client,
      payloadBytes,
    })),
  );
}

function turnsOf(client: SustainedClient, payloadBytes: number): number {
  // The floor in as many turns: the difference to it is taken within a turn.
  const isQuoted = client.startsWith('zkwire') || client === FLOOR_CLIENT;
  return isQuoted && payloadBytes === FIGURE_PAYLOAD_BYTES ? FIGURE_TURNS : OTHER_TURNS;
}

function peerOf(client: SustainedClient): PeerName | null {
  return client === 'zookeeper' || client === 'node-zookeeper-client' ? client : null;
}
