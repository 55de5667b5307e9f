import { expect } from 'vitest';
import { RequestError } from '../../../src/client/index.ts';

/** The error of a request that must fail. */
export async function failureOf(answer: Promise<unknown>): Promise<RequestError> {
  const error: unknown = await answer.then(
    () => expect.unreachable('it succeeded'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RequestError);
  return error as RequestError;
}

/** How a request ended: `ok`, or `code/outcome`. */
export async function endingOf(answer: Promise<unknown>): Promise<string> {
  return await answer.then(
    () => 'ok',
    (reason: unknown) =>
      reason instanceof RequestError ? `${reason.code}/${reason.outcome}` : String(reason),
  );
}
