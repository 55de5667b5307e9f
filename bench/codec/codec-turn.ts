import { Bench } from 'tinybench';
import { zkwireVersion } from '../adapters/zkwire-version.ts';
import type { CodecCase, CodecSubject } from '../cases.ts';
import type { JobResult } from '../jobs.ts';
import { peerVersion } from '../peers.ts';
import { CODEC_TIME_SHARE } from '../plan.ts';
import { allocationPerRecord } from './codec-allocation.ts';
import { type CodecSubjectModule, RECORDS } from './records.ts';

const SUBJECTS: Record<CodecSubject, () => Promise<CodecSubjectModule>> = {
  'decode-get-data-reply': () => import('./decode-get-data-reply.bench.ts'),
  'decode-get-data-body': () => import('./decode-get-data-body.bench.ts'),
  'decode-stat': () => import('./decode-stat.bench.ts'),
  'encode-get-data-request': () => import('./encode-get-data-request.bench.ts'),
};

/** Measures one variant of one subject. The mean over all iterations counts: garbage collection is part of the price. */
export async function runCodecTurn(
  benchCase: CodecCase,
  { warmupMs, measureMs }: { warmupMs: number; measureMs: number },
): Promise<JobResult> {
  const subject = await SUBJECTS[benchCase.subject]();
  const ofZkwire = benchCase.variant === 'zkwire';
  const iterate = await (ofZkwire ? subject.zkwire() : subject.nodeZooKeeperClient());
  const checksum = iterate();
  if (checksum !== subject.checksum) {
    throw new Error(`${benchCase.name} gave ${checksum} instead of ${subject.checksum}`);
  }
  let last = 0;
  const bench = new Bench({
    time: measureMs * CODEC_TIME_SHARE,
    warmupTime: warmupMs * CODEC_TIME_SHARE,
  });
  bench.add(benchCase.name, () => {
    last = iterate();
  });
  const [task] = await bench.run();
  if (task === undefined || task.result.state !== 'completed' || last !== subject.checksum) {
    throw new Error(`${benchCase.name} did not complete`);
  }
  const { latency } = task.result;
  // Right after the measured time, so that the code is compiled and the looks cost it nothing.
  const allocation = await allocationPerRecord(iterate);
  const nsPerRecord = (ms: number): number => (ms * 1e6) / RECORDS;
  return {
    subject: ofZkwire ? 'zkwire' : 'node-zookeeper-client',
    version: ofZkwire ? zkwireVersion : peerVersion('node-zookeeper-client'),
    values: {
      nsPerRecord: nsPerRecord(latency.mean),
      nsPerRecordMedian: nsPerRecord(latency.p50),
      relativeErrorPercent: latency.rme,
      iterations: latency.samplesCount,
      ...allocation,
    },
  };
}
