import { expect, it } from 'vitest';
import { connect, digestCredential, type WatchEvent } from '../../src/client/index.ts';
import { digestId, startEnsemble } from '../../tools/zookeeper/index.ts';
import { failureOf } from './support/failures.ts';
import { describeApache } from './support/real-zookeeper.ts';

// Row F11 of docs/behaviour.md.
describeApache('reconfig on a real ensemble', () => {
  it('lets servers go and come back, one by one and all at once, and tells who watches', async () => {
    await using ensemble = await startEnsemble({
      fastStart: true,
      reconfigEnabled: true,
      superDigest: digestId('super', 'secret'),
      configLines: ['forceSync=no'],
    });
    const leader = await ensemble.waitForLeader();
    const auth = [digestCredential('super', 'secret')];
    await using zk = await connect(leader.connectString, { auth });
    await using guest = await connect(`${leader.connectString}/some/chroot`);
    const heard: string[] = [];
    const watch = ({ type, path }: WatchEvent): void => void heard.push(`${type} ${path}`);

    const first = await guest.getConfig({ watch });
    const members = String(first.data)
      .split('\n')
      .filter((line) => line.startsWith('server.'));
    expect(members).toHaveLength(3);
    const version = (data: Buffer | null): bigint =>
      BigInt(`0x${/version=(\w+)/.exec(String(data))?.[1]}`);

    const refused = await failureOf(guest.reconfig({ leaving: [1] }));
    expect(refused).toMatchObject({ code: 'NOAUTH', operation: 'reconfig', outcome: 'rejected' });
    const stale = zk.reconfig({ leaving: [1] }, { configId: version(first.data) + 1n });
    expect((await failureOf(stale)).code).toBe('BADVERSION');

    const follower = ensemble.servers.findIndex((server) => server !== leader) + 1;
    const gone = await zk.reconfig(
      { leaving: [follower] },
      { configId: version(first.data), timeoutMs: 120_000 },
    );
    const line = members.find((member) => member.startsWith(`server.${follower}=`))!;
    expect(String(gone.data)).not.toContain(line);
    expect(version(gone.data)).toBeGreaterThan(version(first.data));
    await guest.sync('/');
    expect(heard).toEqual(['NodeDataChanged /zookeeper/config']);

    expect((await failureOf(zk.reconfig({ joining: [line] }))).code).toBe('BADARGUMENTS');
    const joining = `${line};${ensemble.servers[follower - 1]!.connectString}`;
    const back = await zk.reconfig({ joining: [joining] });
    expect(String(back.data)).toContain(joining);
    const named = await zk.reconfig({ newMembers: members });
    expect(String(named.data).split('\n').slice(0, 3).sort()).toEqual([...members].sort());
    expect(named.stat.mzxid).toBeGreaterThan(first.stat.mzxid);
  });
});
