import type { ZooKeeperClient } from '../../../src/client/client.ts';
import { connect } from '../../../src/client/connect.ts';
import type { ConnectOptions } from '../../../src/client/connect-options.ts';
import { writeConnectAcceptance } from '../../../src/codec/connect.ts';
import { JuteWriter } from '../../../src/codec/jute-writer.ts';
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
  options: ConnectOptions = {},
  connectString = 'server.test:2181',
): Promise<ScriptedClient> {
  const link = new ScriptedLink();
  const clock = new ManualClock();
  const opening = connect(connectString, {
    clock,
    dialer: () => Promise.resolve(link),
    ...options,
  });
  await new Promise((resolve) => setImmediate(resolve));
  const writer = JuteWriter.standalone();
  writer.beginFrame();
  writeConnectAcceptance(writer, 12_000, 0x77n, Buffer.alloc(16, 0x5a), false);
  writer.endFrame();
  link.deliver(writer.finished());
  return { zk: await opening, link, clock, sent: () => sentFrames(link.writes.slice(1)) };
}
