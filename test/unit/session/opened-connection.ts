import { writeConnectAcceptance } from '../../../src/codec/connect.ts';
import { JuteWriter } from '../../../src/codec/jute-writer.ts';
import { Connection, type ConnectionOptions } from '../../../src/session/connection.ts';
import { sentFrames } from '../pipeline/frames.ts';
import { settled } from '../pipeline/pipelines.ts';
import { ScriptedLink } from '../pipeline/scripted-link.ts';
import { ManualClock } from './manual-clock.ts';

export const HOST = 'server.test:2181';
const PASSWORD = Buffer.alloc(16, 0x5a);

/** The answer of a server that grants a session. */
export function accepted(timeOutMs = 12_000): Buffer {
  const writer = JuteWriter.standalone();
  writer.beginFrame();
  writeConnectAcceptance(writer, timeOutMs, 0x77n, PASSWORD, false);
  writer.endFrame();
  return writer.finished();
}

/** A connection whose server is the test. */
export interface Opened {
  readonly link: ScriptedLink;
  readonly clock: ManualClock;
  readonly connection: Connection;
  /** `xid op` of what was sent behind the handshake. */
  sent(): string[];
}

/** Opens one; `behind` comes in the same read as the answer to its handshake. */
export async function open(
  options: ConnectionOptions = {},
  behind: Buffer[] = [],
): Promise<Opened> {
  const link = new ScriptedLink();
  const clock = new ManualClock();
  const opening = Connection.open(() => Promise.resolve(link), HOST, { clock, ...options });
  await settled();
  link.deliver(accepted(), ...behind);
  const connection = await opening;
  const sent = (): string[] =>
    sentFrames(link.writes.slice(1)).map(({ xid, op }) => `${xid} ${op}`);
  return { link, clock, connection, sent };
}
