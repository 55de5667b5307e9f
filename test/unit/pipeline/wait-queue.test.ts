import { describe, expect, it } from 'vitest';
import { RequestError } from '../../../src/errors.ts';
import { WaitQueue } from '../../../src/pipeline/wait-queue.ts';

const failure = new RequestError({
  code: 'CONNECTION_CLOSED',
  outcome: 'not-sent',
  operation: 'x',
});

describe('WaitQueue', () => {
  it('admits as many as there is room for, first come first served', async () => {
    const queue = new WaitQueue();
    const admitted: string[] = [];
    for (const name of ['a', 'b', 'c']) void queue.wait().then(() => admitted.push(name));
    queue.admit(2);
    await Promise.resolve();
    expect([admitted, queue.size]).toEqual([['a', 'b'], 1]);
    queue.admit(5);
    await Promise.resolve();
    expect([admitted, queue.size]).toEqual([['a', 'b', 'c'], 0]);
  });

  it('fails all who wait', async () => {
    const queue = new WaitQueue();
    const waits = [queue.wait(), queue.wait()];
    queue.fail(failure);
    expect(await Promise.allSettled(waits)).toEqual([
      { status: 'rejected', reason: failure },
      { status: 'rejected', reason: failure },
    ]);
    expect(queue.size).toBe(0);
  });
});
