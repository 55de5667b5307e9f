import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Operation } from '../adapters/adapter.ts';
import type { JobPhase, JobResult } from '../jobs.ts';
import type { Driver } from './build-driver.ts';
import { parseDriverLine } from './driver-lines.ts';
import type { DriverName } from './driver-names.ts';
import { driverWarmup } from './driver-warmup.ts';

export { buildDriver, type Driver } from './build-driver.ts';
export { DRIVER_NAMES, type DriverName } from './driver-names.ts';

/** One turn of a driver, in the terms of its command line. */
export interface DriverWorkload {
  /** One `host:port`. */
  connectString: string;
  operation: Operation;
  path: string;
  payloadBytes: number;
  /** Children that getChildren must find. Default 0. */
  childCount?: number;
  /** Closed loops side by side; in an open loop the most requests under way. */
  depth: number;
  /** As every client has it; the driver's own share of more is added here. */
  warmupMs: number;
  measureMs: number;
  /** Requests a second of an open loop; without it loops are closed. */
  ratePerSecond?: number;
  /** In an open loop: evenly spaced, or independent (exponential gaps, the same for every client). Default constant. */
  arrivals?: 'constant' | 'poisson';
  /** How long an open loop waits for its last replies. Default 5,000. */
  drainMs?: number;
}

export interface DriverRunOptions {
  /** The driver is killed then. */
  timeoutMs: number;
  onPhase?: (phase: JobPhase) => void;
}

/** Kept of what a driver writes to standard error. */
const TAIL_CHARS = 500;

/** Words of a driver's command line. */
export function driverArguments(name: DriverName, workload: DriverWorkload): string[] {
  const { ratePerSecond, arrivals, drainMs } = workload;
  const warmup = driverWarmup(name, workload.warmupMs);
  const pairs: [string, string | number][] = [
    ['--server', workload.connectString],
    ['--operation', workload.operation],
    ['--path', workload.path],
    ['--payload', workload.payloadBytes],
    ['--children', workload.childCount ?? 0],
    ['--depth', workload.depth],
    ['--warmup', warmup.ms],
    ['--warmup-operations', warmup.operations],
    ['--warmup-stretch', warmup.stretch],
    ['--measure', workload.measureMs],
  ];
  if (ratePerSecond !== undefined) pairs.push(['--rate', ratePerSecond]);
  if (arrivals !== undefined) pairs.push(['--arrivals', arrivals]);
  if (drainMs !== undefined) pairs.push(['--drain', drainMs]);
  return pairs.flatMap(([name, value]) => [name, String(value)]);
}

/** Runs one turn. Rejects with the reason when it fails, its last words included. */
export function runDriver(
  driver: Driver,
  workload: DriverWorkload,
  options: DriverRunOptions,
): Promise<JobResult> {
  if (driver.missing !== null) return Promise.reject(new Error(`missing: ${driver.missing}`));
  const words = [...driver.args, ...driverArguments(driver.name, workload)];
  // Its standard input is never written to: it ends with this process.
  const child = spawn(driver.program, words, { stdio: ['pipe', 'pipe', 'pipe'] });
  const tail = keepTail(child);
  return new Promise((resolve, reject) => {
    let outcome: (() => void) | null = null;
    const fail = (reason: string): void => {
      outcome ??= () => reject(new Error(reason));
    };
    const timer = setTimeout(() => {
      fail(`no result after ${options.timeoutMs / 1000} s`);
      child.kill('SIGKILL');
    }, options.timeoutMs);
    createInterface(child.stdout).on('line', (line) => {
      const message = parseDriverLine(line, driver.subject, driver.version);
      if (message?.type === 'phase') options.onPhase?.(message.phase);
      else if (message?.type === 'failed') fail(message.reason);
      else if (message?.type === 'result') outcome ??= () => resolve(message.result);
    });
    // There may be no 'close' after it.
    child.on('error', (cause) => {
      clearTimeout(timer);
      fail(`${driver.program} could not be started: ${cause.message}`);
      outcome?.();
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      fail(`the driver ended with ${code ?? signal}: ${tail() || 'no output'}`);
      outcome?.();
    });
  });
}

function keepTail(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString('utf8')).slice(-TAIL_CHARS);
  });
  return () => tail.trim().split('\n').slice(-3).join(' | ');
}
