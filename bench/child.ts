/**
 * One turn of one case, in a process of its own, so that no client warms, fills or slows the heap of
 * another. Loads only what its case needs.
 */
import process from 'node:process';
import type { BenchCase } from './cases.ts';
import type { Job, JobMessage, JobResult } from './jobs.ts';

function send(message: JobMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send !== undefined) {
      process.send(message, () => resolve());
      return;
    }
    // Under a profiler there is nobody on the other side.
    if (message.type !== 'phase') console.log(message);
    resolve();
  });
}

async function runCase(job: Job & { kind: 'case' }): Promise<JobResult> {
  const benchCase: BenchCase = job.case;
  switch (benchCase.kind) {
    case 'load': {
      const { runLoadTurn } = await import('./load/load-turn.ts');
      return runLoadTurn(benchCase, job, (phase) => void send({ type: 'phase', phase }));
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

async function run(job: Job): Promise<JobResult> {
  if (job.kind === 'case') return runCase(job);
  const { prepareNode } = await import('./load/prepare-node.ts');
  await prepareNode(job.case, job.connectString);
  return { subject: '', version: '', values: {} };
}

// A parent that is gone has nobody to tell.
process.on('disconnect', () => process.exit(1));

try {
  const job = JSON.parse(process.argv[2] ?? '') as Job;
  await send({ type: 'result', result: await run(job) });
} catch (cause) {
  const reason = cause instanceof Error ? cause.message : String(cause);
  await send({ type: 'failed', reason: reason.split('\n')[0] ?? reason });
}
// Clients may leave timers and sockets behind, and pending requests that nobody will answer.
process.exit(0);
