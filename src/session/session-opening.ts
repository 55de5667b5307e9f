import { type JuteWriter, OP, readSetSASLResponse, writeGetSASLRequest } from '../codec/index.ts';
import { ConnectError, type RequestError } from '../errors.ts';
import type { Pipeline } from '../pipeline/index.ts';
import type { Clock } from './clock.ts';
import type { Endpoint } from './connect-string.ts';
import type { Connection } from './connection.ts';
import { runSasl, type SaslMechanism } from './sasl.ts';
import { writeSetWatches } from './set-watches.ts';
import type { WatchRegistry } from './watch-registry.ts';

/** What a new connection is told before any request. */

/**
 * The SASL exchange, during which nothing else may be sent. Rejects with an AuthError when that is
 * final, else with why this connection led to nothing.
 */
export async function authenticate(
  { pipeline, ended }: Connection,
  mechanism: SaslMechanism,
  { host, port }: Endpoint,
  clock: Clock,
  limitMs: number,
): Promise<void> {
  const ending = new AbortController();
  const timer = clock.setTimer(() => {
    const detail = `no end of SASL after ${Math.round(limitMs)} ms`;
    ending.abort(new ConnectError('CONNECT_TIMEOUT', pipeline.host, detail));
  }, limitMs);
  // A mechanism may wait for somebody else, who would not hear of it. Later, since the last answer comes first.
  let isOver = false;
  void ended.then((error) =>
    clock.afterPoll(() => {
      if (!isOver) ending.abort(error);
    }),
  );
  try {
    await runSasl(mechanism, { host, port, signal: ending.signal }, async (token) => {
      writeGetSASLRequest(pipeline.begin(OP.sasl, null), token);
      const { token: challenge } = await pipeline.promise(readSetSASLResponse);
      return challenge;
    });
  } finally {
    isOver = true;
    clock.clearTimer(timer);
  }
}

/**
 * Sets all watches of the session again, in batches that servers accept, ahead of every request of
 * the connection: a read must not overtake what a watch has to tell. Gives a function that ends those
 * that do not fit into a request; their listeners may do anything, so it is called when all else stands.
 */
export function restoreWatches(
  pipeline: Pipeline,
  watches: WatchRegistry,
  lastZxidSeen: bigint,
): () => void {
  const unset: (() => void)[] = [];
  for (const batch of watches.setWatchesBatches(pipeline.bodyBytesMax)) {
    const refused = (error: RequestError | null): void => {
      if (error !== null && error.outcome !== 'unknown') watches.endBatch(batch, error);
    };
    try {
      const write = (writer: JuteWriter): void => writeSetWatches(writer, batch, lastZxidSeen);
      pipeline.setWatches(batch.op, write, refused);
    } catch (error) {
      unset.push(() => refused(error as RequestError));
    }
  }
  return () => {
    for (const end of unset) end();
  };
}
