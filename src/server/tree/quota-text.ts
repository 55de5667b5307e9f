/**
 * The text in the two znodes of a quota, `count=3,bytes=5` and what newer servers append:
 * `count=3,bytes=5=;byteHardLimit=-1;countHardLimit=4` (ZOOKEEPER-3301; the extra `=` makes older
 * servers ignore the rest).
 */

/** Limits, or what is used of them. */
export interface QuotaFigures {
  /** Znodes, the one with the quota counted; -1: no limit. */
  count: number;
  /** Bytes of their data; -1: no limit. */
  bytes: number;
  /** Everything else by its name: `countHardLimit`, `byteHardLimit`. */
  readonly others: Map<string, number>;
}

/** Reads the text of either znode. A figure that is missing or is no number is -1. */
export function parseQuota(data: Buffer | null): QuotaFigures {
  const figures: QuotaFigures = { count: -1, bytes: -1, others: new Map() };
  for (const pair of (data?.toString() ?? '').split(/[,;]+/)) {
    const [name, text] = pair.split('=');
    if (name === undefined || name === '') continue;
    const value = /^[-+]?\d+$/.test(text ?? '') ? Number(text) : -1;
    if (name === 'count') figures.count = value;
    else if (name === 'bytes') figures.bytes = value;
    else figures.others.set(name, value);
  }
  return figures;
}

/** The text as a real server writes it. */
export function formatQuota({ count, bytes, others }: QuotaFigures): Buffer {
  const names = [...others.keys()].sort();
  const rest = names.map((name) => `;${name}=${others.get(name)}`).join('');
  return Buffer.from(`count=${count},bytes=${bytes}${rest === '' ? '' : `=${rest}`}`);
}
