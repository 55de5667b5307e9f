import { describe, expect, it } from 'vitest';
import { CheckContext } from '../../../src/conform/check-context.ts';
import { rulesOf } from '../../../src/conform/release-rules.ts';
import type { ServerFacts } from '../../../src/conform/server-facts.ts';
import { Transcript } from '../../../src/conform/transcript.ts';
import type { Dialer } from '../../../src/conform/wire-connection.ts';

function contextOn(dialer: Dialer): CheckContext {
  const facts = { profile: '3.8', release: null } as ServerFacts;
  const rules = rulesOf(facts.profile, facts.release);
  return new CheckContext('/top/check', facts, rules, 3_600_000, dialer, new Transcript());
}

/** Nobody is there, and nobody says so. */
const silence: Dialer = (signal) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

/** Timers that would keep this process. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

describe('CheckContext', () => {
  it('lets time pass', async () => {
    await expect(contextOn(silence).pause(1)).resolves.toBeUndefined();
  });

  it.each([
    ['given up', (context: CheckContext) => context.giveUp()],
    ['over', (context: CheckContext) => context.end()],
  ])('waits for nothing any more when the check is %s', async (_, stop) => {
    const context = contextOn(silence);
    const before = timers();
    const waits = [context.pause(3_600_000), context.pause(3_600_000), context.connection()];
    expect(timers()).toBe(before + 2);
    await stop(context);
    expect(timers()).toBe(before);
    for (const wait of waits) await expect(wait).rejects.toMatchObject({ name: 'AbortError' });
    await expect(context.pause(3_600_000)).rejects.toMatchObject({ name: 'AbortError' });
    expect(timers()).toBe(before);
  });
});
