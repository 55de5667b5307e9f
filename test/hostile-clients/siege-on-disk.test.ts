import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { createServer } from '../../src/server/index.ts';
import { Neighbour } from './support/neighbour.ts';
import { besiege, mutantsOf } from './support/siege.ts';

const SEED = Number(process.env.ZKWIRE_TEST_SEED ?? 20_260_102);
const ATTACKERS = 1_000;

it(`${ATTACKERS} hostile clients write into a data directory that can be opened again, seed ${SEED}`, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'zkwire-siege-'));
  const notices: string[] = [];
  const onNotice = ({ message }: { message: string }): void => void notices.push(message);
  try {
    // Many snapshots are taken meanwhile.
    const options = { port: 0, dataDir, maxClientConnections: 0, snapCount: 2_000, onNotice };
    const server = await createServer(options);
    const neighbour = await Neighbour.moveIn(server.connectString, 'on-disk');
    const report = await besiege(
      server.port as number,
      { seed: SEED, first: 0, count: ATTACKERS, together: 50 },
      { victims: [neighbour.sessionId], mutants: mutantsOf(SEED), largePath: '/zookeeper/config' },
    );
    expect(report.breaches).toEqual([]);
    expect(await neighbour.stop()).toEqual([]);
    const { rounds } = neighbour;
    expect(rounds).toBeGreaterThan(0);
    await neighbour[Symbol.asyncDispose]();
    await server.close();
    expect(server.slabs.outstanding).toBe(0);
    const again = await createServer(options);
    const client = await connect(again.connectString);
    const { data, stat } = await client.get('/healthy-neighbour/on-disk/counter');
    expect(data?.toString()).toBe(`round ${rounds} of /healthy-neighbour/on-disk`);
    expect(stat.version).toBe(rounds);
    expect(await client.getChildren('/healthy-neighbour/on-disk/visitors')).toEqual([]);
    await client.close();
    await again.close();
    expect(notices).toEqual([]);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
