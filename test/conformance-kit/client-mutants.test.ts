import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLIENT_CHECKS, type ConformanceReport, runClientChecks } from '../../src/conform/index.ts';
import { ROOT } from '../unit/package/run-node.ts';

const driver = (file: string, ...more: string[]): string[] => [
  process.execPath,
  join(ROOT, 'test/conformance-kit/drivers', file),
  '{connect}',
  ...more,
];

/** Makes the checks whose id matches. */
async function judge(command: readonly string[], ids: RegExp): Promise<ConformanceReport> {
  const checks = CLIENT_CHECKS.filter(({ id }) => ids.test(id));
  return await runClientChecks({ command, checks, timeoutMs: 16_000 });
}

function failures({ results }: ConformanceReport): Record<string, string> {
  const failed = results.filter(({ outcome }) => outcome === 'fail');
  return Object.fromEntries(failed.map(({ check, failure }) => [check.id, failure ?? '']));
}

/** A fault, the checks that are made, and those of them that must fail, with what they must say. */
const MUTANTS: readonly [string, RegExp, Record<string, RegExp>][] = [
  [
    'same-xid',
    /^xid\/counting|^request\/exists$/,
    { 'xid/counting': /the client sent the xid 0 for getData/ },
  ],
  [
    'no-zxid',
    /^reconnect\/(last-zxid|resume)$/,
    { 'reconnect/last-zxid': /lastZxidSeen: expected "0x2bc", got "0x0"/ },
  ],
  [
    'no-session-id',
    /^reconnect\/(last-zxid|resume)$/,
    { 'reconnect/resume': /^session id: expected/ },
  ],
  [
    'version-9',
    /^handshake\/(new-session|answer-of-37-bytes)$/,
    { 'handshake/new-session': /got 00000009/ },
  ],
  [
    'trailing-byte',
    /^request\/(get|exists)$/,
    { 'request/get': /expected .* \(.*recorded in .*\), got / },
  ],
  [
    'persistent',
    /^request\/create(-ephemeral)?$/,
    { 'request/create-ephemeral': /expected .*00000001 \(.*, got .*00000000/ },
  ],
  [
    'empty-for-null',
    /^request\/create(-null-data)?$/,
    { 'request/create-null-data': /expected .*ffffffff.* got .*00000000/ },
  ],
  ['no-watch', /^request\/get(-watch)?$/, { 'request/get-watch': /expected .*01 \(.*, got .*00/ }],
  [
    'relative-to-0',
    /^reconnect\/(relative-zxid|watches)$/,
    { 'reconnect/relative-zxid': /^relativeZxid/ },
  ],
  [
    'no-close',
    /^request\/(close|get)$/,
    { 'request/close': /expected a frame of 8 bytes, got nothing|expected .*, got the end/ },
  ],
  [
    'no-pings',
    /^ping\/(in-time|dead-server)$/,
    { 'ping/in-time': /expected a ping within 4167 ms of silence|got its end/ },
  ],
  ['wrong-credential', /^request\/(auth|get)$/, { 'request/auth': /byte 28 is 78 instead of 70/ }],
  [
    'lone-check',
    /^request\/(check-alone|multi)$/,
    {
      'request/check-alone': /expected multi, got .* check/,
      'request/multi': /expected multi as an operation|, got /,
    },
  ],
  [
    'another-code',
    /^reply\/(error-codes|joined)$/,
    { 'reply/error-codes': /to fail with -5, got error -101/ },
  ],
  [
    'no-events',
    /^watch\/(data-changed|nobody)$/,
    { 'watch/data-changed': /expected a watch event, got none/ },
  ],
  ['null-is-empty', /^reply\/(null|empty)-data$/, { 'reply/null-data': /to give null, got -/ }],
  [
    'zxid-of-events',
    /^reconnect\/(last-zxid|resume)$/,
    { 'reconnect/last-zxid': /lastZxidSeen: expected "0x2bc", got "0x1f40"/ },
  ],
  [
    'late-events',
    /^watch\/(before-reply|nobody)$/,
    { 'watch/before-reply': /^the last two lines of the driver/ },
  ],
];

describe('a client with a fault', () => {
  it.concurrent.each(MUTANTS)(
    '%s fails the checks that are about it',
    async (name, ids, expected) => {
      const failed = failures(await judge(driver('mutant.mjs', name), ids));
      expect(Object.keys(failed).sort()).toEqual(Object.keys(expected).sort());
      for (const [id, message] of Object.entries(expected)) expect(failed[id]).toMatch(message);
    },
  );

  it('is not helped by a driver that calls every failure untyped, or ends', async () => {
    const untyped = failures(
      await judge(driver('careless.mjs', 'untyped'), /^hostile\/(count|drip)$/),
    );
    expect(Object.keys(untyped)).toEqual(['hostile/count']);
    expect(untyped['hostile/count']).toMatch(
      /to fail with an error of the client's own, got error untyped/,
    );
    const crashes = failures(
      await judge(driver('careless.mjs', 'crash'), /^hostile\/(count|drip)$/),
    );
    expect(Object.keys(crashes)).toEqual(['hostile/count']);
    expect(crashes['hostile/count']).toMatch(
      /the client's process was ended by SIGKILL before children \/a was answered/,
    );
  });

  it('is excused for what its driver cannot do, and only for that', async () => {
    const { results } = await judge(driver('careless.mjs', 'few'), /^request\/(get|sync)$/);
    expect(results.map(({ check, outcome, reason }) => [check.id, outcome, reason])).toEqual([
      ['request/get', 'pass', undefined],
      ['request/sync', 'excused', "the driver does not know 'sync'"],
    ]);
  });
});
