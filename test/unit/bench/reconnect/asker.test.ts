import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Asker, type AskerClock } from '../../../../bench/reconnect/asker.ts';
import { systemMs } from '../../../../bench/reconnect/system-time.ts';

interface Ask {
  resolve: () => void;
  reject: (reason: Error) => void;
}

/** An asker whose requests are answered by the test. */
function scripted(clock?: AskerClock): { asker: Asker; asks: Ask[]; answer(): Promise<void> } {
  const asks: Ask[] = [];
  const asker = new Asker(
    () => new Promise<void>((resolve, reject) => asks.push({ resolve, reject })),
    0,
    clock,
  );
  asker.start();
  const answer = async (): Promise<void> => {
    asks.at(-1)?.resolve();
    await turn();
  };
  return { asker, asks, answer };
}

describe('Asker', () => {
  it('asks one after the other', async () => {
    const { asks, asker, answer } = scripted();
    expect(asks).toHaveLength(1);
    await answer();
    expect(asks).toHaveLength(2);
    asker.stop();
    await answer();
    expect(asks).toHaveLength(2);
    expect(asker.failed).toBe(0);
  });

  it('does not take a reply to what was asked before the fault for a recovery', async () => {
    const { asker, answer } = scripted();
    const doneMs = systemMs();
    let found = false;
    const good = asker.firstGoodAfter(doneMs).then((reply) => {
      found = true;
      return reply;
    });
    await answer();
    expect(found).toBe(false);
    await answer();
    const { askedMs, settledMs } = await good;
    expect(askedMs).toBeGreaterThan(doneMs);
    expect(settledMs).toBeGreaterThanOrEqual(askedMs);
    asker.stop();
  });

  it('finds the first of those that came before it was asked for', async () => {
    const { asker, answer } = scripted();
    await answer();
    const doneMs = systemMs();
    await answer();
    const before = systemMs();
    await answer();
    await answer();
    const { askedMs, settledMs } = await asker.firstGoodAfter(doneMs);
    expect(askedMs).toBeGreaterThan(doneMs);
    // The one that was asked when the fault was complete does not count, the next one does.
    expect(settledMs).toBeGreaterThan(before);
    asker.stop();
  });

  it('counts failures and asks again, not at once when it was refused at once', async () => {
    const pauses: { ms: number; end: () => void }[] = [];
    let nowMs = 0;
    const { asker, asks } = scripted({
      nowMs: () => nowMs,
      delay: (ms) => new Promise((resolve) => pauses.push({ ms, end: resolve })),
    });
    asks[0]?.reject(new Error('refused'));
    await turn();
    expect(asker.failed).toBe(1);
    expect(asks).toHaveLength(1);
    expect(pauses.map(({ ms }) => ms)).toEqual([1]);
    pauses[0]?.end();
    await turn();
    expect(asks).toHaveLength(2);
    nowMs = 1;
    asks[1]?.reject(new Error('refused later'));
    await turn();
    expect(asker.failed).toBe(2);
    expect(asks).toHaveLength(3);
    expect(pauses).toHaveLength(1);
    asker.stop();
  });
});
