/**
 * One turn of one case, in a process of its own, so that no client warms, fills or slows the heap of
 * another. Loads only what its case needs.
 */
import { answerJob } from './answer-job.ts';
import type { BenchCase } from './cases.ts';
import type { Job, JobPhase, JobResult } from './jobs.ts';

async function runCase(
  job: Job & { kind: 'case' },
  onPhase: (phase: JobPhase) => void,
): Promise<JobResult> {
  const benchCase: BenchCase = job.case;
  switch (benchCase.kind) {
    case 'load': {
      const { runLoadTurn } = await import('./load/load-turn.ts');
      return runLoadTurn(benchCase, job, onPhase);
    }
    case 'codec': {
      const { runCodecTurn } = await import('./codec/codec-turn.ts');
      return runCodecTurn(benchCase, job);
    }
    case 'memory': {
      const { runMemoryTurn } = await import('./memory/memory-turn.ts');
      return runMemoryTurn(benchCase, job);
    }
  }
}

await answerJob<Job, JobResult>(async (job, onPhase) => {
  if (job.kind === 'case') return runCase(job, onPhase);
  const { prepareNode } = await import('./load/prepare-node.ts');
  await prepareNode(job.case, job.connectString);
  return { subject: '', version: '', values: {} };
});
