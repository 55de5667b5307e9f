/**
 * The only source of chance in a simulation (sfc32). The same seed gives the same numbers for ever;
 * `fork` gives parts of the simulation numbers of their own, so that one more draw in one part
 * does not change the others.
 */
export class Random {
  readonly #seed: number;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#seed = seed >>> 0;
    this.#a = 0x9e3779b9;
    this.#b = 0x243f6a88;
    this.#c = this.#seed;
    for (let round = 0; round < 12; round++) this.uint32();
  }

  /** A generator whose numbers depend on this one's seed and on `label` only. */
  fork(label: string): Random {
    let hash = 0x811c9dc5 ^ this.#seed;
    for (let index = 0; index < label.length; index++) {
      hash = Math.imul(hash ^ label.charCodeAt(index), 0x01000193);
    }
    return new Random(hash ^ (hash >>> 15));
  }

  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** `0 <= x < 1`. */
  readonly float = (): number => this.uint32() / 0x1_0000_0000;

  /** A whole number, `low <= n <= high`. */
  int(low: number, high: number): number {
    return low + (this.uint32() % (high - low + 1));
  }

  /** A number between `low` and `high`, not whole. */
  between(low: number, high: number): number {
    return low + this.float() * (high - low);
  }

  chance(probability: number): boolean {
    return this.float() < probability;
  }

  /** Waiting time of a process that happens once per `meanMs` on average. */
  exponential(meanMs: number): number {
    return -Math.log(1 - this.float()) * meanMs;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('nothing to pick from');
    return items[this.uint32() % items.length] as T;
  }

  /** One of the keys, each as likely as its weight says. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T {
    const names = Object.keys(weights) as T[];
    const total = names.reduce((sum, name) => sum + weights[name], 0);
    let left = this.float() * total;
    for (const name of names) {
      left -= weights[name];
      if (left < 0) return name;
    }
    return names[names.length - 1] as T;
  }

  /** Bytes, for passwords. */
  bytes(count: number): Buffer {
    const bytes = Buffer.alloc(count);
    for (let index = 0; index < count; index++) bytes[index] = this.uint32() & 0xff;
    return bytes;
  }
}

/** A UUID as `randomUUID()` gives them. */
export function drawUuid(random: Random): string {
  const bytes = random.bytes(16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
