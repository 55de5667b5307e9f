import { nodePath } from '../jobs.ts';
import { OP } from '../servers/canned-replies.ts';
import { peerJute } from './node-zookeeper-client-jute.ts';
import { PAYLOAD_BYTES, RECORDS } from './records.ts';

const PATH = nodePath(PAYLOAD_BYTES);
/** Length prefix, xid, type, path length, path, watch. */
const FRAME_BYTES = 4 + 4 + 4 + 4 + PATH.length + 1;

/** A whole getData request frame from its path, as the client of each makes it. */
export const checksum: number = RECORDS * FRAME_BYTES;

export async function zkwire(): Promise<() => number> {
  const { JuteWriter, writeGetDataRequest } = await import('zkwire/codec');
  const writer = JuteWriter.standalone(64 * 1024);
  return () => {
    writer.offset = 0;
    for (let xid = 1; xid <= RECORDS; xid++) {
      writer.beginFrame();
      writer.int(xid);
      writer.int(OP.getData);
      writeGetDataRequest(writer, PATH, false);
      writer.endFrame();
    }
    return writer.offset;
  };
}

export async function nodeZooKeeperClient(): Promise<() => number> {
  const { Request, protocol } = peerJute();
  return () => {
    let sum = 0;
    for (let xid = 1; xid <= RECORDS; xid++) {
      const header = new protocol.RequestHeader();
      const payload = new protocol.GetDataRequest();
      header.type = OP.getData;
      payload.path = PATH;
      payload.watch = false;
      header.xid = xid;
      sum += new Request(header, payload).toBuffer().length;
    }
    return sum;
  };
}
