import { expect, it } from 'vitest';
import { runChaos } from '../../tools/chaos/chaos.ts';
import { renderChaos } from '../../tools/chaos/report.ts';
import { type FaultSummary, isClean } from '../../tools/chaos/result.ts';
import { describeReal } from '../real/support/real-zookeeper.ts';

describeReal('three servers whose leader is killed over and over', () => {
  it('lose no acknowledged write, and every outcome that was told is true', async () => {
    const result = await runChaos({
      // On a busy machine a server takes many seconds to come back.
      seconds: 60,
      faultEverySeconds: 5,
      faults: ['leader'],
      clients: 8,
      writesPerSecond: 600,
      readsPerSecond: 300,
      seed: 1,
      say: () => {},
    });
    expect(result.details, renderChaos(result)).toEqual([]);
    expect(isClean(result)).toBe(true);
    // That it was worth it: leaders died, requests were caught in it, and most came through.
    const [{ kind, count }] = result.faults as [FaultSummary];
    expect([kind, result.faults.length]).toEqual(['leader', 1]);
    expect(count).toBeGreaterThanOrEqual(2);
    expect(result.sessions.reconnects).toBeGreaterThanOrEqual(count);
    expect(result.sessions.expired).toBe(0);
    expect(result.writes.acknowledged).toBeGreaterThan(2_500);
    expect(result.writes.unknown).toBeGreaterThan(0);
    expect(result.reads.answered).toBeGreaterThan(1_000);
    expect(result.log.writes).toBeGreaterThanOrEqual(result.writes.acknowledged);
  });
});
