import type { Ask, ClientName } from './cases.ts';

/** What a forked client is told, as JSON in its first argument. */
export interface ClientJob {
  client: ClientName;
  connectString: string;
  sessionTimeoutMs: number;
  ask: Ask;
  /** Path of the node. */
  path: string;
  watches: number;
  paceMs: number;
}

/** To the client. */
export type ToClient =
  /** A fault was complete at that time: tell when a request made after it was answered. */
  { type: 'fault'; doneMs: number } | { type: 'close' };

/** From the client. */
export type FromClient =
  | { type: 'ready'; name: string; version: string; policy: string }
  | { type: 'recovered'; settledMs: number; failed: number; sessionId: string }
  | { type: 'failed'; reason: string };

export type Ready = Extract<FromClient, { type: 'ready' }>;
export type Recovered = Extract<FromClient, { type: 'recovered' }>;
