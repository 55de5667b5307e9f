import { ZooKeeperClient } from '../../../src/client/client.ts';
import { writeConnectAcceptance } from '../../../src/codec/connect.ts';
import { JuteWriter } from '../../../src/codec/jute-writer.ts';
import { Connection, type ConnectionOptions } from '../../../src/session/connection.ts';
import { type SentFrame, sentFrames } from '../pipeline/frames.ts';
import { ScriptedLink } from '../pipeline/scripted-link.ts';
import { ManualClock } from '../session/manual-clock.ts';

export interface ScriptedClient {
  readonly zk: ZooKeeperClient;
  readonly link: ScriptedLink;
  readonly clock: ManualClock;
  /** Requests that have left, handshake not counted. */
  sent(): SentFrame[];
}

/** A client whose server is the test: session 0x77, 12 seconds. */
export async function scriptedClient(
  options: ConnectionOptions = {},
  requestTimeoutMs?: number,
): Promise<ScriptedClient> {
  const link = new ScriptedLink();
  const clock = new ManualClock();
  const opening = Connection.open(() => Promise.resolve(link), link.host, { clock, ...options });
  await new Promise((resolve) => setImmediate(resolve));
  const writer = JuteWriter.standalone();
  writer.beginFrame();
  writeConnectAcceptance(writer, 12_000, 0x77n, Buffer.alloc(16, 0x5a), false);
  writer.endFrame();
  link.deliver(writer.finished());
  const zk = new ZooKeeperClient(await opening, requestTimeoutMs);
  return { zk, link, clock, sent: () => sentFrames(link.writes.slice(1)) };
}
