/**
 * What goes wrong in one direction of a link. A plain object: print it, keep it, use it again.
 *
 * Every offset counts the bytes of the stream as they were written, from 0, so the faults of one
 * direction do not shift each other.
 */
export interface ByteFaults {
  /** The link ends, with LINK_FAULT, when the bytes before this offset have passed; the rest is lost. */
  readonly cutAt?: number | undefined;
  /** Bytes pass in pieces of at most this size; of a list, each size in turn and from the start again. */
  readonly sliceBytes?: number | readonly number[] | undefined;
  /** Everything, the end included, passes this much later. Needs a clock. */
  readonly delayMs?: number | undefined;
  /** From this offset on, the end included, nothing passes until `release()`. */
  readonly stallAt?: number | undefined;
  /** Bytes `[from, to)` are swallowed: what follows them closes up, and the stream is corrupt. */
  readonly drop?: { readonly from: number; readonly to: number } | undefined;
  /** The byte at this offset is XORed with `xor` (1 to 255). */
  readonly mangle?: { readonly at: number; readonly xor: number } | undefined;
}

/** `send`: what this end writes. `receive`: what it is given. */
export interface LinkFaults {
  /** Of what this end writes. Default: none. */
  readonly send?: ByteFaults | undefined;
  /** Of what it is given. Default: none. */
  readonly receive?: ByteFaults | undefined;
}

const FAULT_NAMES: readonly string[] = [
  'cutAt',
  'sliceBytes',
  'delayMs',
  'stallAt',
  'drop',
  'mangle',
] satisfies (keyof ByteFaults)[];

/** Throws a RangeError that names the field, when faults make no sense. */
export function checkLinkFaults(faults: LinkFaults, hasClock: boolean): void {
  checkNames('faults', faults, ['send', 'receive']);
  checkByteFaults('send', faults.send ?? {}, hasClock);
  checkByteFaults('receive', faults.receive ?? {}, hasClock);
}

function checkByteFaults(direction: string, faults: ByteFaults, hasClock: boolean): void {
  const { cutAt, sliceBytes, delayMs, stallAt, drop, mangle } = faults;
  checkNames(direction, faults, FAULT_NAMES);
  if (cutAt !== undefined) checkInteger(`${direction}.cutAt`, cutAt, 0);
  if (stallAt !== undefined) checkInteger(`${direction}.stallAt`, stallAt, 0);
  if (sliceBytes !== undefined) checkSlices(`${direction}.sliceBytes`, sliceBytes);
  if (delayMs !== undefined) checkDelay(`${direction}.delayMs`, delayMs, hasClock);
  if (drop !== undefined) {
    checkInteger(`${direction}.drop.from`, drop.from, 0);
    checkInteger(`${direction}.drop.to`, drop.to, drop.from + 1);
  }
  if (mangle !== undefined) {
    checkInteger(`${direction}.mangle.at`, mangle.at, 0);
    checkInteger(`${direction}.mangle.xor`, mangle.xor, 1, 255);
  }
}

function checkNames(where: string, value: object, known: readonly string[]): void {
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    throw new RangeError(`${where} has no "${name}"; it may have ${known.join(', ')}`);
  }
}

function checkSlices(name: string, sizes: number | readonly number[]): void {
  if (typeof sizes === 'number') {
    checkInteger(name, sizes, 1);
    return;
  }
  if (sizes.length === 0) throw new RangeError(`${name} is an empty list`);
  for (const [index, size] of sizes.entries()) checkInteger(`${name}[${index}]`, size, 1);
}

function checkDelay(name: string, delayMs: number, hasClock: boolean): void {
  if (!(Number.isFinite(delayMs) && delayMs >= 0)) {
    throw new RangeError(`${name} is a time of 0 ms or more, not ${delayMs}`);
  }
  if (!hasClock) throw new RangeError(`${name} needs a clock`);
}

function checkInteger(name: string, value: number, min: number, max?: number): void {
  if (Number.isSafeInteger(value) && value >= min && (max === undefined || value <= max)) return;
  const range = max === undefined ? `of ${min} or more` : `from ${min} to ${max}`;
  throw new RangeError(`${name} is an integer ${range}, not ${value}`);
}
