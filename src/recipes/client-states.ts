import type { StateEvent, ZooKeeperClient } from '../client/index.ts';

type Listener = (event: StateEvent) => void;

/** Who listens to which client. One listener a client: Node warns of more than ten. */
const listening = new WeakMap<ZooKeeperClient, Set<Listener>>();

/** Tells `listener` every state of the client, until the function that it gives is called. */
export function onStates(zk: ZooKeeperClient, listener: Listener): () => void {
  const listeners = listening.get(zk) ?? begin(zk);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) end(zk);
  };
}

const tell = function (this: ZooKeeperClient, event: StateEvent): void {
  for (const listener of listening.get(this) ?? []) listener(event);
};

function begin(zk: ZooKeeperClient): Set<Listener> {
  const listeners = new Set<Listener>();
  listening.set(zk, listeners);
  zk.on('state', tell);
  return listeners;
}

function end(zk: ZooKeeperClient): void {
  listening.delete(zk);
  zk.off('state', tell);
}
