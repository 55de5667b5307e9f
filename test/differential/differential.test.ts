import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OPERATIONS as OPERATIONS_KNOWN } from '../../src/codec/index.ts';
import { describeReal } from '../real/support/real-zookeeper.ts';
import { ALLOWED_DIFFERENCES } from './allowed-differences.ts';
import { type Alter, altered } from './altering-proxy.ts';
import { CONTESTANTS } from './contestant.ts';
import { runDifferential } from './differential.ts';
import { drawList } from './draw-list.ts';
import { findingText, totalsText } from './report-text.ts';
import { operationsOf, type RequestPlan, type StepList } from './step.ts';

/** Environment variables that choose another seed and more operations. */
const SEED = Number(process.env.ZKWIRE_DIFFERENTIAL_SEED ?? 1);
const OPERATIONS = Number(process.env.ZKWIRE_DIFFERENTIAL_OPERATIONS ?? 50_000);

const startReal = CONTESTANTS.real!;
const startEmbedded = CONTESTANTS.embedded!;

/** Where the err of a reply and the version in the Stat of an exists stand. */
const ERR_AT = 16;
const VERSION_AT = 20 + 32;
const EXISTS_BYTES = 20 + 68;

describeReal('the embedded server beside a real one', () => {
  it(`answers ${OPERATIONS} random operations alike`, { timeout: 600_000 }, async () => {
    const result = await runDifferential({
      left: startReal,
      right: startEmbedded,
      operations: OPERATIONS,
      seed: SEED,
    });
    console.log(`differential: ${totalsText(result)}`);
    expect(result.findings.map(findingText).join('\n\n')).toBe('');
    // Those that are allowed are of 3.9.
    expect([result.differences.size, result.allowed.size]).toEqual([0, 0]);
    expect(result.operations).toBeGreaterThanOrEqual(OPERATIONS);
    // What the lists are there for has happened.
    const { counters } = result;
    expect(counters.events).toBeGreaterThan(OPERATIONS / 10);
    expect(counters.nodes).toBeGreaterThan(OPERATIONS / 100);
    const errors = new Set([...counters.replies.keys()].map((key) => Number(key.split(' ')[1])));
    const expected = [
      0, -5, -6, -8, -101, -102, -103, -108, -110, -111, -114, -115, -121, -123, -125,
    ];
    expect(expected.filter((code) => !errors.has(code))).toEqual([]);
    const seen = new Set([...counters.replies.keys()].map((key) => Number(key.split(' ')[0])));
    const unseen = OPERATIONS_KNOWN.filter(({ code, internal }) => !internal && !seen.has(code));
    expect(unseen.map(({ name }) => name)).toEqual([]);
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
      for (const request of requestsOf(drawList(seed))) expect(request.op).not.toBe(13);
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

function requestsOf({ steps }: StepList): RequestPlan[] {
  return steps.flatMap((step) => {
    return step.kind === 'send' || step.kind === 'open' ? [...(step.requests ?? [])] : [];
  });
}
