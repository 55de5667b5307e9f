import { connect } from '../../../src/client/connect.ts';
import type { ConnectOptions } from '../../../src/client/connect-options.ts';
import type { ZooKeeperClient } from '../../../src/client/index.ts';
import { formatHost } from '../../../src/transport/index.ts';
import { ManualClock } from '../session/manual-clock.ts';
import { ScriptedAttempt, TIMEOUT_MS, turn } from '../session/scripted-network.ts';

/** A client whose servers, one attempt after the other, are the test. */
export interface ClientNetwork {
  readonly zk: ZooKeeperClient;
  readonly clock: ManualClock;
  readonly first: ScriptedAttempt;
  /** The newest attempt. */
  latest(): ScriptedAttempt;
  /** Time passes. */
  advance(ms: number): Promise<void>;
}

/** A client with a session on the first server. */
export async function clientNetwork(
  connectString = 'a:1,b:1,c:1',
  options: ConnectOptions = {},
): Promise<ClientNetwork> {
  const clock = new ManualClock();
  const attempts: ScriptedAttempt[] = [];
  const latest = (): ScriptedAttempt => attempts.at(-1)!;
  const opening = connect(connectString, {
    clock,
    // Leaves the servers in the order of the connect string, and takes all of every jitter.
    random: () => 1 - Number.EPSILON,
    sessionTimeoutMs: TIMEOUT_MS,
    dialer: ({ host, port }, signal) =>
      new Promise((resolve, reject) => {
        attempts.push(new ScriptedAttempt(formatHost(host, port), signal, resolve, reject));
      }),
    ...options,
  });
  await latest().accept();
  const advance = (ms: number): Promise<void> => {
    clock.advance(ms);
    return turn();
  };
  return { zk: await opening, clock, first: latest(), latest, advance };
}
