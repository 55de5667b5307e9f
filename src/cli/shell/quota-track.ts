/** What the nodes of a quota hold: limits, or what is used. Lists of `name=long`; -1 stands for no limit. */
export class QuotaTrack {
  readonly #values: Map<string, bigint>;

  private constructor(values: Map<string, bigint>) {
    this.#values = values;
  }

  /** No limits. */
  static unlimited(): QuotaTrack {
    return QuotaTrack.of({ count: -1n, bytes: -1n, countHardLimit: -1n, byteHardLimit: -1n });
  }

  static of(values: Readonly<Record<string, bigint>>): QuotaTrack {
    return new QuotaTrack(new Map(Object.entries(values)));
  }

  /** Of the data of a node, whoever wrote it: what is no number counts as -1. */
  static parse(text: string): QuotaTrack {
    const values = new Map<string, bigint>();
    for (const pair of text.split(/[,;]+/)) {
      const [name = '', value = ''] = pair.split('=');
      if (name !== '') values.set(name, /^-?\d{1,19}$/.test(value) ? BigInt(value) : -1n);
    }
    return new QuotaTrack(values);
  }

  get(name: string): bigint {
    return this.#values.get(name) ?? -1n;
  }

  set(name: string, value: bigint): void {
    this.#values.set(name, value);
  }

  /**
   * As servers write it. Releases up to 3.4.3 read `count` and `bytes` only, in this order; the `=` behind
   * them makes them stop there.
   */
  toString(): string {
    const more = [...this.#values.keys()].filter((name) => name !== 'count' && name !== 'bytes');
    const text = `count=${this.get('count')},bytes=${this.get('bytes')}`;
    if (more.length === 0) return text;
    return `${text}=${more
      .sort()
      .map((name) => `;${name}=${this.get(name)}`)
      .join('')}`;
  }

  /** Longs are decimal strings. */
  toJSON(): Record<string, string> {
    return Object.fromEntries([...this.#values].map(([name, value]) => [name, `${value}`]));
  }
}
