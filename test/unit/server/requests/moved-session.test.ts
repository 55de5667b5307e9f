import { expect, it } from 'vitest';
import { OP } from '../../../../src/codec/index.ts';
import { createServer } from '../../../../src/server/index.ts';
import { encodeConnect, encodeRequest } from '../../../differential/encode-request.ts';
import { RawConnection } from '../../../differential/raw-connection.ts';
import type { ConnectPlan, RequestPlan } from '../../../differential/step.ts';

const ORIGIN = { root: '', zxid: 0n };
const PLAN: ConnectPlan = { session: 'new', password: 'right', timeoutMs: 30_000, readOnly: false };
const NOBODY = { id: 0n, password: Buffer.alloc(16) };

/** Of any kind: 3.8 does not look whose the watch is. */
const CHECK: RequestPlan = {
  op: OP.checkWatches,
  parts: [
    [
      ['s', '/a'],
      ['i', 3],
    ],
  ],
};
const PERSISTENT: RequestPlan = {
  op: OP.addWatch,
  parts: [
    [
      ['s', '/a'],
      ['i', 0],
    ],
  ],
};

it('takes the watches of a session along with its connection, at once, when the session moves', async () => {
  await using server = await createServer({ port: 0, release: '3.8' });
  const [old, moved] = [1, 2].map(() => new RawConnection(server.port as number, 5_000)) as [
    RawConnection,
    RawConnection,
  ];
  try {
    const setting = [PERSISTENT, CHECK].map((each, at) => encodeRequest(each, at + 1, ORIGIN));
    await old.write(Buffer.concat([encodeConnect(PLAN, NOBODY, ORIGIN), ...setting]));
    await old.settled();
    const [granted, , there] = old.take();
    expect(there?.toString('hex', 4)).toBe('00000002000000000000000100000000');
    const session = { id: granted!.readBigInt64BE(12), password: granted!.subarray(24, 40) };
    // In one read, before the old link can have ended.
    const check = encodeRequest(CHECK, 1, ORIGIN);
    await moved.write(Buffer.concat([encodeConnect(PLAN, session, ORIGIN), check]));
    await moved.settled();
    const [, gone] = moved.take();
    expect(gone?.toString('hex', 4)).toBe('000000010000000000000001ffffff87');
  } finally {
    for (const each of [old, moved]) each.destroy();
  }
});
