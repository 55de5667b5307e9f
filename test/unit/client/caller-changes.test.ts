import { expect, it } from 'vitest';
import type { ACL } from '../../../src/client/index.ts';
import { writeGetChildrenResponse } from '../../../src/codec/records.gen.ts';
import { reply } from '../pipeline/frames.ts';
import { turn } from '../session/scripted-network.ts';
import { clientNetwork } from './client-network.ts';
import { scriptedClient } from './scripted-client.ts';

/** What a caller does with its own arguments once a call has returned is no matter of the call. */

const protectionId = '00000000-0000-4000-8000-000000000000';

function aclOf(id: string): ACL[] {
  return [{ perms: 31, id: { scheme: 'world', id } }];
}

it('createProtected makes the node of the call, whatever its bytes and ACL hold by then', async () => {
  const { zk, link } = await scriptedClient();
  const data = Buffer.from('first');
  const acl = aclOf('anyone');
  const options = { protectionId, acl, mode: 'persistent' };
  void zk.createProtected('/a', data, options as never).catch(() => {});
  data.fill('x');
  Object.assign(acl[0]!.id, { id: 'nobody' });
  options.mode = 'ephemeral';
  await turn();
  link.deliver(reply(1), reply(2, { body: (writer) => writeGetChildrenResponse(writer, []) }));
  await turn();
  const sent = link.writes.at(-1)!;
  expect(sent.toString('latin1')).toContain('first');
  expect(sent.toString('latin1')).toContain('anyone');
  // The flags, which come last.
  expect(sent.readInt32BE(sent.length - 4)).toBe(0);
});

it('ensurePath gives the nodes the ACL of the call', async () => {
  const { zk, link } = await scriptedClient();
  const acl = aclOf('anyone');
  void zk.ensurePath('/a', { acl }).catch(() => {});
  acl[0] = aclOf('nobody')[0]!;
  await turn();
  link.deliver(reply(1, { err: -101 }));
  await turn();
  expect(link.writes.at(-1)!.toString('latin1')).toContain('anyone');
});

it.each([
  ['makes', '/inner'],
  ['makes in vain', '/inner//'],
])(
  'an ACL that %s a request when it is read does not disturb the one that it is for',
  async (_, path) => {
    const { zk, sent } = await scriptedClient();
    const entry = {
      get perms(): number {
        void zk.get(path).catch(() => {});
        return 31;
      },
      id: { scheme: 'world', id: 'anyone' },
    };
    void zk.setAcl('/a', [entry]).catch(() => {});
    void zk.create('/a', null, { acl: [entry] }).catch(() => {});
    void zk.multi([{ op: 'create', path: '/a', acl: [entry] }]).catch(() => {});
    await turn();
    const ops = sent().map(({ op }) => op);
    expect(ops.filter((op) => op !== 4)).toEqual([7, 1, 14]);
  },
);

it('a list of ACL entries with a hole is none', async () => {
  const { zk } = await scriptedClient();
  const acl = new Array<ACL>(1);
  await expect(zk.setAcl('/a', acl)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
});

it('a frozen list and frozen options are as good as any', async () => {
  const { zk, link } = await scriptedClient();
  const acl = Object.freeze(aclOf('anyone'));
  void zk.ensurePath('/a', Object.freeze({ acl })).catch(() => {});
  void zk.create('/a', null, Object.freeze({ acl })).catch(() => {});
  await turn();
  expect(link.writes.at(-1)!.toString('latin1')).toContain('anyone');
});

it('options that throw when they are read are a rejection', async () => {
  const { zk } = await scriptedClient();
  const options = {
    get timeoutMs(): number {
      throw new Error('mine');
    },
  };
  await expect(zk.removeWatches('/a', 'any', options)).rejects.toThrowError('mine');
  await expect(zk.checkWatches('/a', 'any', options)).rejects.toThrowError('mine');
});

it('watches are set again in requests that the client may send', async () => {
  const { zk, first, latest } = await clientNetwork('a:1', { frameBytesMax: 200 });
  const ended: string[] = [];
  for (let n = 1; n <= 20; n++) {
    const watching = zk.exists(`/watched/${n}`, { watch: ({ type }) => void ended.push(type) });
    await turn();
    await first.deliver(reply(n, { err: -101 }));
    expect(await watching).toBeNull();
  }
  await first.over();
  await latest().accept();
  expect(ended).toEqual([]);
  expect(latest().sentXids).toEqual(['-8 101', '-8 101']);
});
