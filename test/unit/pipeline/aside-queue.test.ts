import { describe, expect, it } from 'vitest';
import { OP } from '../../../src/codec/operations.ts';
import { LinkError, RequestError, WireError } from '../../../src/errors.ts';
import { AsideQueue } from '../../../src/pipeline/aside-queue.ts';

const run = (call: () => void): void => call();

const QUEUE_MAX = 3;

describe('AsideQueue', () => {
  it('answers the oldest first: null for accepted, a refusal with its code', () => {
    const queue = new AsideQueue(OP.auth, QUEUE_MAX, 'server.test:2181', run);
    const answers: [string, RequestError | null][] = [];
    queue.push((error) => answers.push(['first', error]));
    queue.push((error) => answers.push(['second', error]));
    queue.answer(0);
    queue.answer(-115);
    expect(answers.map(([name]) => name)).toEqual(['first', 'second']);
    expect(answers[0]![1]).toBeNull();
    expect(answers[1]![1]).toBeInstanceOf(RequestError);
    expect(answers[1]![1]).toMatchObject({
      code: 'AUTHFAILED',
      serverCode: -115,
      outcome: 'rejected',
      operation: 'auth',
      host: 'server.test:2181',
    });
  });

  it('refuses an answer that nobody waits for', () => {
    const queue = new AsideQueue(OP.auth, QUEUE_MAX, 'server.test:2181', run);
    expect(() => queue.answer(0)).toThrowError(WireError);
    expect(() => queue.answer(0)).toThrowError(/a reply to auth came and none is pending/);
  });

  it('is full at its limit', () => {
    const queue = new AsideQueue(OP.auth, QUEUE_MAX, 'server.test:2181', run);
    for (let count = 1; count < QUEUE_MAX; count++) queue.push(() => {});
    expect(() => queue.checkRoom(OP.auth)).not.toThrow();
    queue.push(() => {});
    expect(() => queue.checkRoom(OP.auth)).toThrowError(
      expect.objectContaining({ code: 'PIPELINE_FULL', outcome: 'not-sent', operation: 'auth' }),
    );
  });

  it('fails each once, through the guard', () => {
    const thrown: unknown[] = [];
    const queue = new AsideQueue(OP.auth, QUEUE_MAX, 'server.test:2181', (call) => {
      try {
        call();
      } catch (error) {
        thrown.push(error);
      }
    });
    const failures: (RequestError | null)[] = [];
    queue.push(() => {
      throw new Error('mine');
    });
    queue.push((error) => failures.push(error));
    const ended = new LinkError('LINK_CLOSED', 'server.test:2181');
    queue.fail(ended);
    queue.fail(ended);
    expect(thrown).toEqual([new Error('mine')]);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({
      code: 'CONNECTION_LOSS',
      outcome: 'unknown',
      cause: ended,
    });
  });
});
