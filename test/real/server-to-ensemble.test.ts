import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { createServer } from '../../src/server/index.ts';
import { startEnsemble } from '../../tools/zookeeper/index.ts';
import { makeDirectory, OpenedStorage } from '../unit/server/storage/storage-rig.ts';
import type { TreeState } from '../unit/server/storage/tree-state.ts';
import { describeApache } from './support/real-zookeeper.ts';
import { readState } from './support/wire-state.ts';

/** An ensemble has its members in there. */
function withoutConfig(state: TreeState): TreeState {
  const { '/zookeeper/config': _, ...rest } = state;
  return rest;
}

describeApache('a data directory of ours, given to an ensemble', () => {
  const directory = makeDirectory();
  afterAll(() => directory.remove());

  it('is what its members begin with, and a member gives it back, sessions too', async () => {
    const dataDir = join(directory.path, 'data');
    const ours = await createServer({ dataDir, port: 0, snapCount: 20 });
    const client = await connect(ours.connectString, { sessionTimeoutMs: 30_000 });
    for (let index = 0; index < 50; index++) await client.create(`/n${index}`, `data ${index}`);
    await client.create('/mine', 'ephemeral', { mode: 'ephemeral' });
    const state = await readState(client);
    const ticket = await client.detach();
    await ours.close();

    const members = join(directory.path, 'members');
    for (const number of [1, 2, 3]) {
      cpSync(dataDir, join(members, `server-${number}`), { recursive: true });
    }
    await using ensemble = await startEnsemble({ dataDir: members, fastStart: true });
    const there = await connect(ensemble.connectString, { resume: ticket });
    expect(there.sessionId).toBe(ticket.sessionId);
    const moved = await readState(there);
    expect(withoutConfig(moved)).toEqual(withoutConfig(state));
    await there.set('/mine', 'still');
    const { stat } = await there.get('/mine');
    expect(stat.mzxid).toBeGreaterThan(0xffff_ffffn);
    const last = await readState(there);
    const leader = await ensemble.waitForLeader();
    await there.detach();
    await ensemble.stop();

    const back = await OpenedStorage.open(leader.dataDir);
    await back.close();
    expect(withoutConfig(back.state)).toEqual(withoutConfig(last));
    expect(back.tree.lastZxid).toBe(stat.mzxid);
    expect([...back.storage.recovered.sessions]).toEqual([[ticket.sessionId, 30_000]]);
  });
});
