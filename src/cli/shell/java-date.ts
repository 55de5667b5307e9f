const LOCALES = ['en-US', 'en-GB', 'en-AU', 'en-NZ', 'en-IN', 'en-ZA'];

/** Zones of many machines that no English locale abbreviates, by their long names. */
const MORE_ZONES: ReadonlyMap<string, string> = new Map([
  ['China Standard Time', 'CST'],
  ['Japan Standard Time', 'JST'],
  ['Korean Standard Time', 'KST'],
  ['Singapore Standard Time', 'SGT'],
  ['Hong Kong Standard Time', 'HKT'],
  ['Moscow Standard Time', 'MSK'],
  ['Brasilia Standard Time', 'BRT'],
]);

/**
 * A time as Java's `Date.toString()` has it: `Sat Nov 21 08:20:52 UTC 2026`. `timeZone` as in `Intl`;
 * default: the process's. Of rare zones only `GMT+5` is known.
 */
export function javaDate(timeMs: bigint, timeZone?: string): string {
  const date = new Date(Number(timeMs));
  // Beyond what a Date holds: only a foreign server could say so.
  if (Number.isNaN(date.getTime())) return `${timeMs} ms`;
  const parts = partsOf(date, 'en-US', timeZone);
  const { weekday, month, day, hour, minute, second, year } = parts;
  const time = `${hour}:${minute}:${second}`;
  return `${weekday} ${month} ${day} ${time} ${zoneOf(date, timeZone)} ${year?.padStart(4, '0')}`;
}

/** Locales abbreviate only the zones of their own countries. */
function zoneOf(date: Date, timeZone: string | undefined): string {
  const names = LOCALES.map((locale) => partsOf(date, locale, timeZone).timeZoneName ?? '');
  const short = names.find((name) => /^[A-Z]+$/.test(name));
  if (short !== undefined) return short;
  const { timeZoneName: long = '' } = partsOf(date, 'en-US', timeZone, 'long');
  return MORE_ZONES.get(long) ?? names[0] ?? '';
}

type Parts = Partial<Record<Intl.DateTimeFormatPartTypes, string>>;

const formats = new Map<string, Intl.DateTimeFormat>();

function partsOf(
  date: Date,
  locale: string,
  timeZone: string | undefined,
  timeZoneName: 'short' | 'long' = 'short',
): Parts {
  const key = `${locale} ${timeZone} ${timeZoneName}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale, {
      timeZone,
      weekday: 'short',
      month: 'short',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      year: 'numeric',
      timeZoneName,
    });
    formats.set(key, format);
  }
  return Object.fromEntries(format.formatToParts(date).map(({ type, value }) => [type, value]));
}
