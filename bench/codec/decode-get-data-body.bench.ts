import { peerJute } from './node-zookeeper-client-jute.ts';
import {
  BODY_OFFSET,
  DECODED,
  GET_DATA_REPLY,
  RECORDS,
  REPLY_CHECKSUM,
  replyChunk,
} from './records.ts';

/** The body of a getData reply alone (data and Stat): no framing, header or matching on either side. */
export const checksum: number = REPLY_CHECKSUM;

export async function zkwire(): Promise<() => number> {
  const { JuteReader, readGetDataResponse } = await import('zkwire/codec');
  const chunk = replyChunk();
  const reader = JuteReader.over(chunk);
  return () => {
    let sum = 0;
    for (let nth = 0; nth < RECORDS; nth++) {
      reader.offset = nth * GET_DATA_REPLY.length + BODY_OFFSET;
      const response = readGetDataResponse(reader);
      DECODED[nth] = response;
      const { data, stat } = response;
      sum += stat.version + (data?.length ?? 0);
    }
    return sum;
  };
}

export async function nodeZooKeeperClient(): Promise<() => number> {
  const { protocol } = peerJute();
  const chunk = replyChunk();
  return () => {
    let sum = 0;
    for (let nth = 0; nth < RECORDS; nth++) {
      const response = new protocol.GetDataResponse();
      response.deserialize(chunk, nth * GET_DATA_REPLY.length + BODY_OFFSET);
      DECODED[nth] = response;
      sum += response.stat.version + response.data.length;
    }
    return sum;
  };
}
