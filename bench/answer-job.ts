import process from 'node:process';
import type { JobMessage, JobPhase } from './jobs.ts';

function send<Result>(message: JobMessage<Result>): Promise<void> {
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

/** The child's side of `runScript`: takes the job from its first argument, tells what came of it, and ends. */
export async function answerJob<Job, Result>(
  run: (job: Job, onPhase: (phase: JobPhase) => void) => Promise<Result>,
): Promise<never> {
  // A parent that is gone has nobody to tell.
  process.on('disconnect', () => process.exit(1));
  try {
    const job = JSON.parse(process.argv[2] ?? '') as Job;
    const result = await run(job, (phase) => void send({ type: 'phase', phase }));
    await send({ type: 'result', result });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    await send({ type: 'failed', reason: reason.split('\n')[0] ?? reason });
  }
  // Clients may leave timers and sockets behind, and pending requests that nobody will answer.
  process.exit(0);
}
