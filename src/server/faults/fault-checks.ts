import { OP, SERVER_CODE } from '../../codec/index.ts';
import { TIMER_MS_MAX } from '../../limits.ts';
import { hintAt } from '../../nearest-name.ts';
import { badOption, checkOneOf, checkWhole } from '../config/option-checks.ts';
import type { Fault, FaultMatch } from './server-faults.ts';

/** Keys of an object and nothing else: a fault that says what nobody knows would never hit, or hit everybody. */
const MATCH_NAMES: readonly (keyof FaultMatch)[] = ['op', 'path', 'sessionId', 'after', 'times'];
const FAULT_NAMES = ['delayMs', 'answer', 'cut', 'mute', 'expire'] as const;

/** Throws a ZkwireError `BAD_ARGUMENT` for what no request could match. */
export function checkMatch(match: FaultMatch): void {
  checkNames('a match', match, MATCH_NAMES);
  const { op, path, sessionId, after, times } = match;
  for (const name of typeof op === 'string' ? [op] : (op ?? [])) {
    if (Object.hasOwn(OP, name)) continue;
    throw badOption(`there is no operation '${name}'.${hintAt(name, Object.keys(OP))}`);
  }
  if (path !== undefined && typeof path !== 'string' && !(path instanceof RegExp)) {
    throw badOption('path must be a path or a regular expression');
  }
  if (sessionId !== undefined && typeof sessionId !== 'bigint') {
    throw badOption('sessionId must be a bigint, as sessionId of a client is');
  }
  if (after !== undefined) checkWhole('after', after, 0, Number.MAX_SAFE_INTEGER);
  if (times !== undefined && times !== Number.POSITIVE_INFINITY) {
    checkWhole('times', times, 1, Number.MAX_SAFE_INTEGER);
  }
}

/** The same for what cannot become of a request. */
export function checkFault(fault: Fault): void {
  checkNames('a fault', fault, FAULT_NAMES);
  const [name, ...more] = Object.keys(fault);
  if (name === undefined || more.length > 0) {
    throw badOption(`a fault is exactly one of ${FAULT_NAMES.join(', ')}`);
  }
  if ('delayMs' in fault) checkWhole('delayMs', fault.delayMs, 0, TIMER_MS_MAX);
  else if ('answer' in fault) checkAnswer(fault.answer);
  else if ('cut' in fault) checkOneOf('cut', fault.cut, ['before', 'after']);
  else if ('mute' in fault) checkOneOf('mute', fault.mute, ['before', 'after']);
  else if (fault.expire !== true) throw badOption('expire must be true');
}

/** 0, which is OK, would promise a body. */
function checkAnswer(answer: string | number): void {
  if (typeof answer === 'number') {
    if ((answer | 0) === answer && answer !== 0) return;
    throw badOption(`answer must be a code of 32 bits that is not 0, not ${answer}`);
  }
  const names = Object.keys(SERVER_CODE).filter((name) => name !== 'OK');
  if (names.includes(answer)) return;
  throw badOption(`there is no error '${answer}' of servers.${hintAt(String(answer), names)}`);
}

function checkNames(what: string, value: object, known: readonly string[]): void {
  if (typeof value !== 'object' || value === null) throw badOption(`${what} must be an object`);
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    throw badOption(`${what} has no '${name}'.${hintAt(name, known)}`);
  }
}
