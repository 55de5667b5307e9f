import {
  type CallbackClient,
  createdPath,
  type Done,
  isMixedSet,
  type Operation,
  type PromiseClient,
  type Workload,
} from '../adapters/adapter.ts';

/** Makes the next request, as the client's user would. All loops of a case share it. */
export type PromisePerform = () => Promise<unknown>;
export type CallbackPerform = (done: Done) => void;

/** Throws where a case asks a client for what it does not have. */
function notSupported(operation: Operation): never {
  throw new Error(`not supported: this client has no ${operation}`);
}

export function performWithPromises(
  client: PromiseClient,
  { operation, path, data }: Workload,
): PromisePerform {
  switch (operation) {
    case 'get':
      return () => client.get(path);
    case 'set':
      return () => client.set(path, data);
    case 'exists': {
      const { exists = notSupported(operation) } = client;
      return () => exists(path);
    }
    case 'create': {
      const { create = notSupported(operation) } = client;
      const created = createdPath(path);
      return () => create(created, data);
    }
    case 'getChildren': {
      const { getChildren = notSupported(operation) } = client;
      return () => getChildren(path);
    }
    case 'multi': {
      const { multi = notSupported(operation) } = client;
      return () => multi(path, data);
    }
    case 'mixed': {
      let nth = 0;
      return () => (isMixedSet(nth++) ? client.set(path, data) : client.get(path));
    }
  }
}

export function performWithCallbacks(
  client: CallbackClient,
  { operation, path, data }: Workload,
): CallbackPerform {
  switch (operation) {
    case 'get':
      return (done) => client.get(path, done);
    case 'set':
      return (done) => client.set(path, data, done);
    case 'exists': {
      const { exists = notSupported(operation) } = client;
      return (done) => exists(path, done);
    }
    case 'create': {
      const { create = notSupported(operation) } = client;
      const created = createdPath(path);
      return (done) => create(created, data, done);
    }
    case 'getChildren': {
      const { getChildren = notSupported(operation) } = client;
      return (done) => getChildren(path, (error) => done(error));
    }
    case 'multi': {
      const { multi = notSupported(operation) } = client;
      return (done) => multi(path, data, done);
    }
    case 'mixed': {
      let nth = 0;
      return (done) => {
        if (isMixedSet(nth++)) client.set(path, data, done);
        else client.get(path, done);
      };
    }
  }
}
