import { peerJute } from './node-zookeeper-client-jute.ts';
import { DECODED, RECORDS, STAT_RECORD, STAT_VERSION } from './records.ts';

/** One Stat: six longs and five ints. zkwire gives exact bigints, the peer gives longs as Buffers. */
export const checksum: number = RECORDS * STAT_VERSION;

function statChunk(): Buffer {
  return Buffer.concat(Array.from({ length: RECORDS }, () => STAT_RECORD));
}

export async function zkwire(): Promise<() => number> {
  const { JuteReader, readStat } = await import('zkwire/codec');
  const reader = JuteReader.over(statChunk());
  return () => {
    let sum = 0;
    reader.offset = 0;
    for (let nth = 0; nth < RECORDS; nth++) {
      const stat = readStat(reader);
      DECODED[nth] = stat;
      sum += stat.version;
    }
    return sum;
  };
}

export async function nodeZooKeeperClient(): Promise<() => number> {
  const { data } = peerJute();
  const chunk = statChunk();
  return () => {
    let sum = 0;
    for (let nth = 0; nth < RECORDS; nth++) {
      const stat = new data.Stat();
      stat.deserialize(chunk, nth * STAT_RECORD.length);
      DECODED[nth] = stat;
      sum += stat.version;
    }
    return sum;
  };
}
