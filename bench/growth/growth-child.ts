/** One turn of one curve, in a process of its own. Loads only what its client needs. */
import { answerJob } from '../answer-job.ts';
import type { JobPhase, JobResult } from '../jobs.ts';
import type { GrowthWork } from './growth-work.ts';

await answerJob<GrowthWork, JobResult>(async (work, onPhase) => run(work, onPhase));

async function run(work: GrowthWork, onPhase: (phase: JobPhase) => void): Promise<JobResult> {
  switch (work.kind) {
    case 'load': {
      const { walkLoad } = await import('./load-walk.ts');
      return walkLoad(work);
    }
    case 'watches': {
      const { walkWatches } = await import('./watch-walk.ts');
      return walkWatches(work);
    }
    case 'connections': {
      const { walkConnections } = await import('./connection-walk.ts');
      return walkConnections(work, onPhase);
    }
  }
}
