import type { ServiceInstance } from '../../../src/recipes/index.ts';
import type { History } from '../ensemble/history.ts';
import type { NodeState } from '../ensemble/node-state.ts';

/** What a node of a service says its address is; its name when it says nothing. */
export function addressOf(name: string, { data }: NodeState): string {
  const text = data?.toString() ?? '';
  if (text === '') return name;
  if (!text.startsWith('{')) return text;
  return (JSON.parse(text) as { address: string }).address;
}

/** Whether there was such a node below the service, not after that zxid. */
export function wasInstance(
  history: History,
  servicePath: string,
  { name, address, sessionId, zxid }: ServiceInstance,
  toZxid: number,
): boolean {
  return history.versionsOf(`${servicePath}/${name}`).some(({ zxid: since, node }) => {
    if (node === null || since > toZxid || BigInt(node.mzxid) !== zxid) return false;
    return node.owner === sessionId && addressOf(name, node) === address;
  });
}
