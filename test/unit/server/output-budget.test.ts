import { describe, expect, it } from 'vitest';
import { SERVER_OUTPUT_TOTAL_BYTES_MAX } from '../../../src/limits.ts';
import { type Debtor, OutputBudget } from '../../../src/server/output-budget.ts';

const MIB = 1024 * 1024;
const LIMIT_MIB = SERVER_OUTPUT_TOTAL_BYTES_MAX / MIB;

/** Clients by what they have left unread, in MiB, and who was hung up on. */
function clients(queuedMiB: readonly number[]): { debtors: Debtor[]; dropped: number[] } {
  const dropped: number[] = [];
  const debtors = queuedMiB.map((mebibytes) => {
    const output = { queuedBytes: mebibytes * MIB };
    return { output, drop: () => void dropped.push(mebibytes) };
  });
  return { debtors, dropped };
}

describe('the budget for unread answers', () => {
  it('hangs up on those with the most, until the rest fits', () => {
    const { debtors, dropped } = clients([1, 100, 60, 0, 120, 90]);
    new OutputBudget(debtors).check(400 * MIB);
    expect(dropped).toEqual([120]);
    const more = clients([1, 200, 60, 200, 120, 90]);
    new OutputBudget(more.debtors).check(700 * MIB);
    expect(more.dropped).toEqual([200, 200, 120]);
  });

  it('leaves everybody alone whose memory is held and not full', () => {
    const { debtors, dropped } = clients([1, 2, 3]);
    new OutputBudget(debtors).check(10 * LIMIT_MIB * MIB);
    expect(dropped).toEqual([]);
  });

  it('looks again when the memory has grown by 16 MiB, or had been below the limit', () => {
    let looks = 0;
    const debtors: Iterable<Debtor> = {
      [Symbol.iterator]() {
        looks++;
        return [][Symbol.iterator]();
      },
    };
    const budget = new OutputBudget(debtors);
    const steps: readonly [mebibytes: number, looks: number][] = [
      [LIMIT_MIB - 1, 0],
      [LIMIT_MIB, 1],
      [LIMIT_MIB + 15, 1],
      [LIMIT_MIB + 16, 2],
      [LIMIT_MIB + 17, 2],
      [LIMIT_MIB - 1, 2],
      [LIMIT_MIB, 3],
    ];
    for (const [mebibytes, expected] of steps) {
      budget.check(mebibytes * MIB);
      expect(looks, `${mebibytes} MiB`).toBe(expected);
    }
  });

  it('allows answers of any length below the limit', () => {
    const budget = new OutputBudget([]);
    expect(budget.allows(SERVER_OUTPUT_TOTAL_BYTES_MAX - 1)).toBe(true);
    expect(budget.allows(SERVER_OUTPUT_TOTAL_BYTES_MAX)).toBe(false);
  });
});
