/** A long as Java prints it in hex: unsigned, without zeros in front. */
export function hexLong(value: bigint): string {
  return BigInt.asUintN(64, value).toString(16);
}

/** A double as Java prints it: always with a point, and with an exponent below 0.001 and from ten million. */
export function javaDouble(value: number): string {
  if (!Number.isFinite(value))
    return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return '0.0';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
] as const;

/** A time as Java prints a Date: `Sat Nov 21 15:51:04 UTC 2026`, in the time zone of this machine. */
export function javaDate(timeMs: number): string {
  const date = new Date(timeMs);
  const day = `${WEEKDAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${pad(date.getDate())}`;
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join(':');
  return `${day} ${time} ${zoneOf(date)} ${date.getFullYear()}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

/** `UTC`, `CET`, or `GMT+1` where Node knows no name. */
function zoneOf(date: Date): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC';
}
