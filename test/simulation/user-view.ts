import type { ClientHandle, HandleContext } from './client-handle.ts';
import type { History } from './ensemble/history.ts';
import type { Handover } from './handover.ts';
import type { Network } from './network/network.ts';
import type { ClientSetup, SimulationOptions } from './options.ts';
import type { Random } from './random.ts';

/** What the users of one simulation share. */
export interface UserContext extends HandleContext {
  readonly options: SimulationOptions;
  readonly network: Network;
  readonly random: Random;
  readonly history: History;
  /** Sessions that were left by one user and may be gone on with by another. */
  readonly handover: Handover;
  /** Takes one request from what is left of the quota; false when nothing is left. */
  readonly takeRequest: () => boolean;
}

/** A user, for the parts that it is made of. */
export interface UserView {
  readonly index: number;
  readonly setup: ClientSetup;
  readonly context: UserContext;
  readonly random: Random;
  /** The client in use, or being opened. */
  readonly handle: ClientHandle;
  /** Not a timer of the loop's: those are the client's, and counted. */
  after(delayMs: number, run: () => void): void;
}
