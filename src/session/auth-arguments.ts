import { ZkwireError } from '../errors.ts';
import { SECRET_BYTES_MAX } from '../limits.ts';

/** What was given makes no sense. The detail never holds a secret. */
export function badArgument(detail: string): ZkwireError {
  return new ZkwireError('BAD_ARGUMENT', detail);
}

/** Text that can be hashed and sent. The value stays out of the message: it may be a password. @throws ZkwireError `BAD_ARGUMENT` */
export function checkText(name: string, text: unknown): void {
  if (typeof text !== 'string') throw badArgument(`${name} must be a string, not ${typeof text}`);
  if (/\p{Surrogate}/u.test(text)) throw badArgument(`${name} has half a surrogate pair in it`);
  checkBytes(name, Buffer.byteLength(text));
}

/** @throws ZkwireError `BAD_ARGUMENT` */
export function checkBytes(name: string, bytes: number): void {
  if (bytes <= SECRET_BYTES_MAX) return;
  throw badArgument(`${name} has ${bytes} bytes, the limit is ${SECRET_BYTES_MAX}`);
}
