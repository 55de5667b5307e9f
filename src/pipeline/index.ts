/** `zkwire/pipeline`: requests to replies over a byte link. */
export type { AuthCallback } from './auth-queue.ts';
export type { Decode } from './pending-ring.ts';
export {
  Pipeline,
  type PipelineCounters,
  type PipelineEvents,
  type PipelineOptions,
} from './pipeline.ts';
export type { ReplyCallback, WaitLimits } from './request-settler.ts';
export type { ScheduleFlush } from './send-batcher.ts';
