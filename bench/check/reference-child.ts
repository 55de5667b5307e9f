/** One turn of the reference loop, in a process of its own: what codec and dispatch are compared with. */
import { performance } from 'node:perf_hooks';
import { answerJob } from '../answer-job.ts';
import type { JobResult } from '../jobs.ts';

const BYTES = Buffer.alloc(100, 'reference');
/** Between two looks at the clock. */
const ITERATIONS = 10_000;
const WARMUP_MS = 150;
const MEASURE_MS = 350;

/** FNV-1a of 100 bytes: plain arithmetic, no allocation, nothing of zkwire. It must never change. */
function iterate(): number {
  let hash = 0x811c9dc5;
  for (const byte of BYTES) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}

function run(ms: number): { iterations: number; seconds: number } {
  const startMs = performance.now();
  let iterations = 0;
  let check = 0;
  let nowMs = startMs;
  while (nowMs - startMs < ms) {
    for (let i = 0; i < ITERATIONS; i++) check ^= iterate();
    iterations += ITERATIONS;
    nowMs = performance.now();
  }
  // An even number of equal hashes: the loop was not optimised away, and computed what it should.
  if (check !== 0) throw new Error(`the reference loop gave ${check}`);
  return { iterations, seconds: (nowMs - startMs) / 1000 };
}

await answerJob(async (): Promise<JobResult> => {
  run(WARMUP_MS);
  const { iterations, seconds } = run(MEASURE_MS);
  return { subject: 'reference', version: '1', values: { perSecond: iterations / seconds } };
});
