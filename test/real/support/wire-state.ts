import type { ZooKeeperClient } from '../../../src/client/index.ts';
import { type TreeState, textOf } from '../../unit/server/storage/tree-state.ts';

/** Everything that a client can find out about the znodes of a server; it must be the server's super user to see all ACLs. */
export async function readState(zk: ZooKeeperClient): Promise<TreeState> {
  const state: TreeState = {};
  const left = ['/'];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    const [{ data, stat }, { acl }, children] = await Promise.all([
      zk.get(path),
      zk.getAcl(path),
      zk.getChildren(path),
    ]);
    state[path] = {
      data: data?.toString('hex') ?? null,
      acl: textOf(acl),
      stat: textOf(stat),
      children,
    };
    for (const name of children) left.push(path === '/' ? `/${name}` : `${path}/${name}`);
  }
  return state;
}
