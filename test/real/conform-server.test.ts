import { expect, it } from 'vitest';
import {
  type ConformanceReport,
  type RunOptions,
  runServerChecks,
  SERVER_CHECKS,
} from '../../src/conform/index.ts';
import { dial } from '../../src/transport/index.ts';
import {
  type ServerOptions,
  startEnsemble,
  startServer,
  type ZooKeeperServer,
} from '../../tools/zookeeper/index.ts';
import { describeApache } from './support/real-zookeeper.ts';

/** Short ticks and sweeps, so that what takes time takes little. */
const OPTIONS: ServerOptions = {
  tickTimeMs: 1_000,
  fastStart: true,
  configLines: ['maxClientCnxns=0'],
  jvmFlags: ['-Dznode.container.checkIntervalMs=500'],
};

function conform(
  { host, port, connectString }: ZooKeeperServer,
  options: Partial<RunOptions> = {},
): Promise<ConformanceReport> {
  return runServerChecks({
    dialer: (signal) => dial({ host, port, signal }),
    server: connectString,
    checks: SERVER_CHECKS,
    // The machine that runs the tests may be busy, and disks stall.
    timeoutMs: 30_000,
    ...options,
  });
}

const failures = ({ results }: ConformanceReport): unknown =>
  results
    .filter(({ outcome }) => outcome === 'fail')
    .map(({ check, failure, transcript }) => [check.id, failure, transcript]);

const excused = ({ results }: ConformanceReport): string[] =>
  results.filter(({ outcome }) => outcome === 'excused').map(({ check }) => check.id);

const passed = ({ results }: ConformanceReport): string[] =>
  results.filter(({ outcome }) => outcome === 'pass').map(({ check }) => check.id);

describeApache('zkwire conform server, on a real ZooKeeper', () => {
  const passedSomewhere = new Set<string>();
  let profile = '';

  it('passes in full where everything is switched on', async () => {
    await using server = await startServer({
      ...OPTIONS,
      extendedTypesEnabled: true,
      enforceQuota: true,
    });
    const report = await conform(server);
    expect(failures(report)).toEqual([]);
    // These two are about servers on which something is switched off.
    expect(excused(report)).toEqual(['ttl/switched-off', 'four-letter/not-allowed']);
    expect(report.leftBehind).toEqual([]);
    // A session that is left would expire while checks of a later run count transactions.
    await expect
      .poll(() => server.fourLetterWord('dump'))
      .toMatch(/^Session Sets \(\d+\)\/\(0\):/m);
    expect(report.results.length).toBeGreaterThanOrEqual(500);
    profile = report.profile;
    for (const id of passed(report)) passedSomewhere.add(id);
  });

  it('passes on a server as it comes, and says what cannot be checked there', async () => {
    await using server = await startServer({ ...OPTIONS, fourLetterWords: ['srvr'] });
    const report = await conform(server, { quick: true });
    expect(failures(report)).toEqual([]);
    const reasons = new Set(report.results.flatMap(({ reason }) => reason ?? []));
    expect(
      [...reasons].filter((reason) => !/TTL|does not answer|enforceQuota/.test(reason)),
    ).toEqual([]);
    for (const id of passed(report)) passedSomewhere.add(id);
  });

  it('passes on a leader and a follower, and on a server that has lost its quorum', async () => {
    const options = { ...OPTIONS, extendedTypesEnabled: true, localSessions: true };
    await using ensemble = await startEnsemble({ size: 3, ...options, readOnlyMode: true });
    const leader = await ensemble.waitForLeader();
    const follower = ensemble.servers.find((server) => server !== leader)!;
    for (const server of [leader, follower]) {
      expect(failures(await conform(server, { quick: true }))).toEqual([]);
    }
    for (const server of ensemble.servers) if (server !== follower) await server.kill();
    await expect.poll(() => follower.mode()).toBe('read-only');
    const report = await conform(follower);
    expect(failures(report)).toEqual([]);
    expect(report.results.length).toBe(14);
    for (const id of passed(report)) passedSomewhere.add(id);
  });

  it('has made every check of the profile somewhere', () => {
    const all = SERVER_CHECKS.filter(
      ({ profiles }) => profiles?.some((each) => each === profile) ?? true,
    );
    expect(all.map(({ id }) => id).filter((id) => !passedSomewhere.has(id))).toEqual([]);
  });
});
