/// <reference types="node" preserve="true" />
/** `zkwire/pipeline`: requests to replies over a byte link. */
export { warn } from '../callback-failures.ts';
export type { AsideCallback } from './aside-queue.ts';
export type { Decode, ReplyOrigin } from './pending-ring.ts';
export { Pipeline } from './pipeline.ts';
export type { PipelineCounters, PipelineEvents, PipelineOptions } from './pipeline-options.ts';
export type { RequestObserver } from './request-observer.ts';
export type { ReplyCallback } from './request-settler.ts';
export type { ScheduleFlush } from './send-batcher.ts';
export type { WaitLimits } from './wait-limits.ts';
