import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OPERATIONS as OPERATIONS_KNOWN } from '../../src/codec/index.ts';
import { describeReal } from '../real/support/real-zookeeper.ts';
import { ALLOWED_DIFFERENCES } from './allowed-differences.ts';
import { type Alter, altered } from './altering-proxy.ts';
import { CONTESTANTS } from './contestant.ts';
import { runDifferential } from './differential.ts';
import { drawList } from './draw-list.ts';
import { OUTCOMES } from './reply-outcomes.ts';
import { findingText, totalsText } from './report-text.ts';
import { operationsOf, requestsOf } from './step.ts';

/** Environment variables that choose another seed and more operations. */
const SEED = Number(process.env.ZKWIRE_DIFFERENTIAL_SEED ?? 1);
const OPERATIONS = Number(process.env.ZKWIRE_DIFFERENTIAL_OPERATIONS ?? 50_000);

const startEmbedded = CONTESTANTS.embedded!;

/** How much of the operations is played on which kind of servers. */
const SHARES = { '': 0.76, '-plain': 0.08, '-lax': 0.08, '-guarded': 0.08 } as const;

/** Where the err of a reply and the version in the Stat of an exists stand. */
const ERR_AT = 16;
const VERSION_AT = 20 + 32;
const EXISTS_BYTES = 20 + 68;

describeReal('the embedded server beside a real one', () => {
  it(`answers ${OPERATIONS} random operations alike`, { timeout: 900_000 }, async () => {
    const played = new Set<string>();
    for (const [kind, share] of Object.entries(SHARES)) {
      const result = await runDifferential({
        left: CONTESTANTS[`real${kind}`]!,
        right: CONTESTANTS[`embedded${kind}`]!,
        operations: OPERATIONS * share,
        seed: SEED,
      });
      console.log(`differential${kind}: ${totalsText(result)}`);
      expect(result.findings.map(findingText).join('\n\n')).toBe('');
      // Those that are allowed are of 3.9.
      expect([result.differences.size, result.allowed.size]).toEqual([0, 0]);
      expect(result.operations).toBeGreaterThanOrEqual(OPERATIONS * share);
      const { counters } = result;
      if (kind === '') expect(counters.events).toBeGreaterThan(OPERATIONS / 20);
      if (kind === '') expect(counters.nodes).toBeGreaterThan(OPERATIONS / 100);
      for (const outcome of counters.replies.keys()) played.add(outcome);
    }
    // What the lists are there for has happened.
    const seen = new Set([...played].map((outcome) => Number.parseInt(outcome, 10)));
    const unseen = OPERATIONS_KNOWN.filter(({ code, internal }) => !internal && !seen.has(code));
    expect(unseen.map(({ name }) => name)).toEqual([]);
    const expected = OUTCOMES.flatMap(([op, ...errs]) => errs.map((err) => `${op} ${err}`));
    expect(expected.filter((outcome) => !played.has(outcome))).toEqual([]);
  });
});

describe('the differential run', () => {
  it('finds no difference between a server and itself', async () => {
    const result = await runDifferential({
      left: startEmbedded,
      right: startEmbedded,
      operations: 5_000,
      seed: SEED,
    });
    expect(result.findings.map(findingText).join('\n\n')).toBe('');
    expect(result.operations).toBeGreaterThanOrEqual(5_000);
  });

  it('finds an altered Stat and shrinks the list to what it takes', async () => {
    // One create, two sets and an exists, or as many steps.
    const { signature, operations } = await findingOf((frame) => {
      if (frame.length !== EXISTS_BYTES || frame.readInt32BE(VERSION_AT) !== 2) return;
      frame.writeInt32BE(3, VERSION_AT);
    });
    expect(signature).toMatch(/^op (3|5|7|14|15) 0: body$/);
    expect(operations).toBeLessThanOrEqual(6);
  });

  it('finds an altered error number', async () => {
    const { signature, operations } = await findingOf((frame) => {
      if (frame.readInt32BE(ERR_AT) === -111) frame.writeInt32BE(-101, ERR_AT);
    });
    expect(signature).toBe('op 2 -111 | op 2 -101');
    // Two creates and a delete, behind a handshake.
    expect(operations).toBeLessThanOrEqual(4);
  });

  it('finds an event of the wrong kind', async () => {
    const { signature, operations } = await findingOf((frame) => {
      if (frame.readInt32BE(4) === -1 && frame.readInt32BE(20) === 4) frame.writeInt32BE(3, 20);
    });
    expect(signature).toBe('event 4 | event 3');
    expect(operations).toBeLessThanOrEqual(6);
  });

  it('tells in the docs which differences are allowed', () => {
    const page = readFileSync(new URL('../../docs/differential.md', import.meta.url), 'utf8');
    const rows = ALLOWED_DIFFERENCES.map(({ name, reason }) => `| ${name} | ${reason} |`);
    expect(page).toContain(`| --- | --- |\n${rows.join('\n')}\n\n## What is never sent`);
  });

  it('draws the same list for the same seed, and never what servers do not survive', () => {
    expect(drawList(7)).toEqual(drawList(7));
    expect(drawList(7)).not.toEqual(drawList(8));
    for (let seed = 0; seed < 200; seed++) {
      const requests = drawList(seed).steps.flatMap(requestsOf);
      expect(requests.filter(({ op }) => op === 13)).toEqual([]);
    }
  });
});

/** The finding in a run of the embedded server against itself behind an altering proxy. */
async function findingOf(alter: Alter): Promise<{ signature: string; operations: number }> {
  const result = await runDifferential({
    left: startEmbedded,
    right: altered(startEmbedded, alter),
    operations: 20_000,
    seed: SEED,
  });
  const [finding] = result.findings;
  if (finding === undefined) return { signature: 'none', operations: 0 };
  expect(findingText(finding)).toContain(`npm run differential -- --seed ${finding.seed}`);
  return { signature: finding.signature, operations: operationsOf(finding.list.steps) };
}
