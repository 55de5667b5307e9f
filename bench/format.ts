/** Numbers as people read them: three digits that count, and a unit. */

export function significant(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value))));
  return grouped(value.toFixed(Math.min(decimals, 6)));
}

/** Whole numbers with thousands apart: 1,234,567. */
export function grouped(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const apart = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? apart : `${apart}.${fraction}`;
}

/** Operations per second, rounded to three digits that count: 1,230,000. */
export function rate(opsPerSecond: number): string {
  if (!Number.isFinite(opsPerSecond)) return '–';
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, opsPerSecond))) - 2);
  return grouped(String(Math.round(opsPerSecond / unit) * unit));
}

export function times(ratio: number): string {
  return `${significant(ratio)} x`;
}

export function megabytes(bytes: number): string {
  return `${significant(bytes / 1e6)} MB`;
}
