import type { EntryLimit } from './package-limits.ts';
import type { PackageSizes } from './package-sizes.ts';

/** Limits of the whole package, and of each entry point. */
export interface SizeLimits {
  readonly package: Readonly<
    Record<
      'packedBytes' | 'unpackedBytes' | 'files',
      { readonly max: number; readonly reason: string }
    >
  >;
  readonly entries: Readonly<Record<string, EntryLimit>>;
}

/** How many of the parts that grew most are named. */
const PARTS_MAX = 5;

const NAMES = {
  packedBytes: 'the packed package',
  unpackedBytes: 'the unpacked package',
  files: 'the number of files',
} as const;

/** What is over its limit, with what has grown since `record`. One text each. */
export function sizeProblems(
  sizes: PackageSizes,
  record: PackageSizes,
  limits: SizeLimits,
): string[] {
  return [...packageProblems(sizes, record, limits), ...entryProblems(sizes, record, limits)];
}

function packageProblems(sizes: PackageSizes, record: PackageSizes, limits: SizeLimits): string[] {
  return (['packedBytes', 'unpackedBytes', 'files'] as const)
    .filter((what) => sizes[what] > limits.package[what].max)
    .map((what) => {
      const { max, reason } = limits.package[what];
      const size = what === 'files' ? String : bytesText;
      return (
        `${NAMES[what]} is over its limit: ${size(sizes[what])}, not ${size(max)} at most (${reason}).` +
        ` ${growth(sizes.byGroup, record.byGroup)}`
      );
    });
}

function entryProblems(
  { entries }: PackageSizes,
  record: PackageSizes,
  limits: SizeLimits,
): string[] {
  const missing = Object.keys(entries)
    .filter((name) => limits.entries[name] === undefined)
    .map((name) => `${name} has no limit in package-limits.ts`);
  const gone = Object.keys(limits.entries)
    .filter((name) => entries[name] === undefined)
    .map((name) => `package-limits.ts has a limit of ${name}, which is no entry point`);
  const over = Object.entries(entries).flatMap(([name, entry]) => {
    const limit = limits.entries[name];
    const before = record.entries[name];
    if (limit === undefined) return [];
    if (entry.modules <= limit.modules && entry.bytes <= limit.bytes) return [];
    return [
      `import '${name}' loads ${entry.modules} modules of ${bytesText(entry.bytes)}, not ${limit.modules}` +
        ` of ${bytesText(limit.bytes)} at most (${limit.reason}).` +
        ` ${growth(entry.byFolder, before?.byFolder ?? {})}` +
        ` Modules: ${signed(entry.modules - (before?.modules ?? 0))}.`,
    ];
  });
  return [...missing, ...gone, ...over];
}

/** Which parts have grown since they were recorded, the one that grew most first. */
function growth(
  now: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): string {
  const grown = Object.entries(now)
    .map(([name, bytes]) => ({ name, more: bytes - (before[name] ?? 0) }))
    .filter(({ more }) => more > 0)
    .sort((one, other) => other.more - one.more)
    .slice(0, PARTS_MAX)
    .map(({ name, more }) => `${name} +${bytesText(more)}`);
  return `Grown since the last record: ${grown.length === 0 ? 'nothing' : grown.join(', ')}.`;
}

function signed(number: number): string {
  return number > 0 ? `+${number}` : String(number);
}

/** `12,345 B`: exact, since limits are. */
export function bytesText(bytes: number): string {
  return `${bytes.toLocaleString('en-US')} B`;
}
