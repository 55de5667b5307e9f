import {
  FrameCutter,
  JuteReader,
  OwnedBytes,
  readGetDataResponse,
  readReplyHeader,
} from 'zkwire/codec';
import { zkwireVersion } from '../adapters/zkwire-version.ts';
import type { JobResult } from '../jobs.ts';
import { cannedReply, OP, payloadOf } from '../servers/canned-replies.ts';

const PAYLOAD_BYTES = 64 * 1024;

/**
 * Decodes a reply of 64 KiB as a view and as the caller's own, and counts the payload bytes that are
 * not in the frame's memory. A change made to the frame afterwards must show in the view.
 */
export async function measureBytesCopied(): Promise<JobResult> {
  const asView = decode(null);
  const asOwned = decode(new OwnedBytes());
  return {
    subject: 'zkwire (codec)',
    version: zkwireVersion,
    values: { bytesCopiedAsView: asView, bytesCopiedAsOwned: asOwned },
  };
}

function decode(owned: OwnedBytes | null): number {
  const frame = cannedReply(OP.getData, PAYLOAD_BYTES);
  const reader = JuteReader.over(frame);
  reader.owned = owned;
  reader.frame(0, new FrameCutter().cut(reader.view, 0, frame.length));
  readReplyHeader(reader);
  const { data } = readGetDataResponse(reader);
  if (data === null || Buffer.compare(data, payloadOf(PAYLOAD_BYTES)) !== 0) {
    throw new Error('the payload decoded is not the payload sent');
  }
  // Every byte of the frame is turned over: those that change in `data` too were not copied.
  const decoded = Buffer.from(data);
  for (let at = 0; at < frame.length; at++) frame[at] = ~(frame[at] as number) & 0xff;
  let copied = 0;
  for (let at = 0; at < data.length; at++) if (data[at] === decoded[at]) copied++;
  return copied;
}
