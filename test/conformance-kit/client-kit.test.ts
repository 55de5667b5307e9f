import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLIENT_CHECKS, runClientChecks } from '../../src/conform/index.ts';
import { ROOT } from '../unit/package/run-node.ts';

const COMMAND = [
  process.execPath,
  join(ROOT, 'test/conformance-kit/drivers/zkwire.mjs'),
  '{connect}',
];

describe('zkwire conform client, on zkwire', () => {
  it('has checks with an id, a source and a meaning each', () => {
    expect(CLIENT_CHECKS.length).toBeGreaterThan(100);
    expect(new Set(CLIENT_CHECKS.map(({ id }) => id)).size).toBe(CLIENT_CHECKS.length);
    for (const { id, title, source, meaning } of CLIENT_CHECKS) {
      expect(id).toMatch(/^[a-z]+\/[a-z0-9.-]+$/);
      expect(title.length * source.length * meaning.length).toBeGreaterThan(0);
    }
  });

  it('passes in full against a server of 3.9', async () => {
    const report = await runClientChecks({
      command: COMMAND,
      checks: CLIENT_CHECKS,
      timeoutMs: 60_000,
    });
    const others = report.results.filter(({ outcome }) => outcome !== 'pass');
    expect(others.map(({ check, failure, reason }) => [check.id, failure ?? reason])).toEqual([]);
    expect(report).toMatchObject({ subject: 'client', profile: '3.9', leftOut: [] });
    expect(report.results).toHaveLength(CLIENT_CHECKS.length);
  }, 300_000);

  it('passes against a server of 3.8, whose events have no zxid', async () => {
    const checks = CLIENT_CHECKS.filter(({ id }) => /^(watch|reconnect)\//.test(id));
    const report = await runClientChecks({
      command: COMMAND,
      checks,
      profile: '3.8',
      timeoutMs: 60_000,
      quick: true,
    });
    const others = report.results.filter(({ outcome }) => outcome !== 'pass');
    expect(others.map(({ check, failure, reason }) => [check.id, failure ?? reason])).toEqual([]);
    expect(report.leftOut).toEqual([{ count: 1, why: 'slow, and the run is to be quick' }]);
  });
});
