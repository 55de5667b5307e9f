import { OP } from '../servers/canned-replies.ts';
import { connectedPeer } from './node-zookeeper-client-jute.ts';
import { DECODED, RECORDS, REPLY_CHECKSUM, replyChunk } from './records.ts';

/**
 * A chunk of 100 getData replies, as a socket delivers them: find the frames, decode header and body, match the
 * xid. The peer can do that only through its socket handler, which calls back; zkwire's parts are called one by one.
 */
export const checksum: number = REPLY_CHECKSUM;

export async function zkwire(): Promise<() => number> {
  const { FrameCutter, JuteReader, readGetDataResponse, readReplyHeader } = await import(
    'zkwire/codec'
  );
  const chunk = replyChunk();
  const reader = JuteReader.over(chunk);
  const cutter = new FrameCutter();
  return () => {
    let sum = 0;
    let start = 0;
    for (let xid = 0; xid < RECORDS; xid++) {
      const end = cutter.cut(reader.view, start, chunk.length);
      reader.frame(start, end);
      const header = readReplyHeader(reader);
      if (header.xid !== xid || header.err !== 0) throw new Error('not the reply expected');
      const response = readGetDataResponse(reader);
      DECODED[xid] = response;
      const { data, stat } = response;
      sum += stat.version + (data?.length ?? 0);
      start = end;
    }
    return sum;
  };
}

export async function nodeZooKeeperClient(): Promise<() => number> {
  const manager = connectedPeer();
  const chunk = replyChunk();
  let sum = 0;
  let nth = 0;
  const callback = (_error: unknown, { payload }: { payload: PeerGetData }): void => {
    DECODED[nth++] = payload;
    sum += payload.stat.version + payload.data.length;
  };
  const pending = Array.from({ length: RECORDS }, (_, xid) => ({
    request: { header: { xid, type: OP.getData } },
    callback,
  }));
  return () => {
    sum = 0;
    nth = 0;
    for (const packet of pending) manager.pendingQueue.push(packet);
    manager.onSocketData(chunk);
    return sum;
  };
}

interface PeerGetData {
  data: Buffer;
  stat: { version: number };
}
