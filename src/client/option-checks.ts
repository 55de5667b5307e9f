import { ZkwireError } from '../errors.ts';
import { FRAME_BODY_BYTES_CEILING, TIMER_MS_MAX } from '../limits.ts';
import { hintAt } from '../nearest-name.ts';
import type { ConnectOptions } from './connect-options.ts';

/** Pending requests are numbered with 32 bits, and half of that tells before from after. */
const INFLIGHT_CEILING: number = 2 ** 30;

const CONNECT_OPTION_NAMES: OptionNames<ConnectOptions> = {
  sessionTimeoutMs: true,
  connectTimeoutMs: true,
  connectRounds: true,
  requestTimeoutMs: true,
  inflightMax: true,
  inflightBytesMax: true,
  frameBytesMax: true,
  tls: true,
  signal: true,
  readOnly: true,
  afterExpiry: true,
  whileDisconnected: true,
  resume: true,
  auth: true,
  sasl: true,
  onState: true,
  onCallbackError: true,
  wireTap: true,
  wireCapture: true,
  dialer: true,
  clock: true,
  random: true,
};

/** Every option of a kind, so that none is forgotten when one is added. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/** What is wrong when `options` has one that is none, with the name that may be meant; null when all are known. */
export function unknownOption(
  options: object,
  known: Readonly<Record<string, true>>,
): string | null {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue;
    return `there is no option '${name}'.${hintAt(name, Object.keys(known))}`;
  }
  return null;
}

/** Throws a ZkwireError with code `BAD_ARGUMENT` when `options` has one that is none. */
export function checkNames(options: object, known: Readonly<Record<string, true>>): void {
  const unknown = unknownOption(options, known);
  if (unknown !== null) throw new ZkwireError('BAD_ARGUMENT', unknown);
}

/**
 * Throws a ZkwireError with code `BAD_ARGUMENT` for options of a call that are none. Without types it is easy to
 * give what older libraries take there, a version or a watcher, and it would not be heard. Names are not looked
 * at: that would cost every call.
 */
export function checkCallOptions(options: object): void {
  if (typeof options === 'object' && options !== null) return;
  const given = typeof options === 'function' ? 'a function' : String(options);
  const detail = `the options must be an object such as { version: 3 } or { watch: listener }, not ${given}`;
  throw new ZkwireError('BAD_ARGUMENT', detail);
}

/** Throws a ZkwireError with code `BAD_ARGUMENT` for an option of `connect` that makes no sense, or that there is not. */
export function checkConnectOptions(options: ConnectOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new ZkwireError('BAD_ARGUMENT', `the options must be an object, not ${options}`);
  }
  checkNames(options, CONNECT_OPTION_NAMES);
  checkWhole('sessionTimeoutMs', options.sessionTimeoutMs, TIMER_MS_MAX);
  checkWhole('connectTimeoutMs', options.connectTimeoutMs, TIMER_MS_MAX);
  checkWhole('requestTimeoutMs', options.requestTimeoutMs, Number.MAX_SAFE_INTEGER);
  checkWhole('inflightMax', options.inflightMax, INFLIGHT_CEILING);
  checkWhole('inflightBytesMax', options.inflightBytesMax, Number.MAX_SAFE_INTEGER);
  checkWhole('frameBytesMax', options.frameBytesMax, FRAME_BODY_BYTES_CEILING);
  if (options.connectRounds !== Number.POSITIVE_INFINITY) {
    checkWhole('connectRounds', options.connectRounds, Number.MAX_SAFE_INTEGER);
  }
  checkOneOf('afterExpiry', options.afterExpiry, ['new-session', 'end']);
  checkOneOf('whileDisconnected', options.whileDisconnected, ['wait', 'fail']);
  for (const [name, what, isGood] of KINDS) checkKind(name, what, options[name], isGood);
}

type IsGood = (value: unknown) => boolean;

const isFunction: IsGood = (value) => typeof value === 'function';

/** Has a method of that name. */
const having =
  (method: string): IsGood =>
  (value) =>
    isFunction((value as Record<string, unknown> | null)?.[method]);

/** What would otherwise show as a failed attempt, or not at all. */
const KINDS: readonly (readonly [keyof ConnectOptions, string, IsGood])[] = [
  ['tls', 'an object of options', (value) => typeof value === 'object' && value !== null],
  ['signal', 'an AbortSignal', having('addEventListener')],
  ['readOnly', 'true or false', (value) => typeof value === 'boolean'],
  [
    'resume',
    'a SessionTicket, of detach() or SessionTicket.parse(text)',
    (value) => typeof (value as { sessionId?: unknown } | null)?.sessionId === 'bigint',
  ],
  ['auth', 'a list of credentials', Array.isArray],
  ['sasl', 'a mechanism, as of digestMd5()', having('begin')],
  ['onState', 'a function', isFunction],
  ['onCallbackError', 'a function', isFunction],
  ['wireTap', 'a function', isFunction],
  ['wireCapture', 'a function', isFunction],
  ['dialer', 'a function', isFunction],
  ['clock', 'a clock', having('nowMs')],
  ['random', 'a function', isFunction],
];

/** The value stays out of the message: it may be a secret. */
function checkKind(name: keyof ConnectOptions, what: string, value: unknown, isGood: IsGood): void {
  if (value === undefined || isGood(value)) return;
  const given = value === null ? 'null' : `of type ${typeof value}`;
  throw new ZkwireError('BAD_ARGUMENT', `${name} must be ${what}, and is ${given}`);
}

function checkWhole(name: keyof ConnectOptions, value: number | undefined, max: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= max)) return;
  const given = typeof value === 'string' ? JSON.stringify(value) : value;
  const detail = `${name} must be a whole number of 1 to ${max}, not ${given}`;
  throw new ZkwireError('BAD_ARGUMENT', detail);
}

function checkOneOf(
  name: keyof ConnectOptions,
  value: string | undefined,
  known: readonly string[],
): void {
  if (value === undefined || known.includes(value)) return;
  const detail = `${name} must be ${known.join(' or ')}, not ${JSON.stringify(value)}`;
  throw new ZkwireError('BAD_ARGUMENT', detail);
}
