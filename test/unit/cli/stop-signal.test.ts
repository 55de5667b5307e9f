import { describe, expect, it } from 'vitest';
import { withStopSignal } from '../../../src/cli/stop-signal.ts';

const listeners = (): number => process.listenerCount('SIGINT') + process.listenerCount('SIGTERM');

describe('withStopSignal', () => {
  it('fires at the first signal, and leaves the second to the process', async () => {
    const before = listeners();
    const reason = new Error('interrupted');
    const seen = await withStopSignal(
      async (stopSignal) => {
        const during = listeners();
        process.emit('SIGTERM');
        return { during, after: listeners(), reason: stopSignal.reason };
      },
      { reason },
    );
    expect(seen).toEqual({ during: before + 2, after: before, reason });
  });

  it('hears of other signals where others are named, and of none when it is over', async () => {
    const before = listeners();
    const failed = withStopSignal(
      async (stopSignal) => {
        expect([listeners(), process.listenerCount('SIGHUP')]).toEqual([before, 1]);
        process.emit('SIGHUP');
        stopSignal.throwIfAborted();
      },
      { signals: ['SIGHUP'] },
    );
    await expect(failed).rejects.toMatchObject({ name: 'AbortError' });
    const done = withStopSignal(async (stopSignal) => stopSignal.aborted);
    expect(listeners()).toBe(before + 2);
    expect(await done).toBe(false);
    expect([listeners(), process.listenerCount('SIGHUP')]).toEqual([before, 0]);
  });
});
