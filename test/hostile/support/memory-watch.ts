import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const SAMPLE_MS = 2;

/** How far the memory of this process grows, sampled every 2 ms from a collected heap on. */
export class MemoryWatch implements Disposable {
  readonly #timer: NodeJS.Timeout;
  readonly #atStart: number;
  #most: number;

  constructor() {
    collectGarbage();
    this.#atStart = bytesInUse();
    this.#most = this.#atStart;
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  /** Most bytes above those at the start, garbage included. */
  get peakBytes(): number {
    this.#sample();
    return this.#most - this.#atStart;
  }

  /** Bytes above those at the start once the garbage is gone. */
  keptBytes(): number {
    collectGarbage();
    return bytesInUse() - this.#atStart;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    this.#most = Math.max(this.#most, bytesInUse());
  }
}

function bytesInUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

let gc: (() => void) | null = null;

/** Node shows the collector only to those who ask for it by a flag, which can be set late. */
export function collectGarbage(): void {
  if (gc === null) {
    setFlagsFromString('--expose-gc');
    gc = runInNewContext('gc') as () => void;
  }
  gc();
}
