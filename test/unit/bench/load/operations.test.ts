import { describe, expect, it } from 'vitest';
import {
  type CallbackClient,
  type Done,
  OPERATIONS,
  type PromiseClient,
  type Workload,
} from '../../../../bench/adapters/adapter.ts';
import { checkOnce } from '../../../../bench/load/drive.ts';
import { performWithCallbacks, performWithPromises } from '../../../../bench/load/operations.ts';
import { payloadOf } from '../../../../bench/servers/canned-replies.ts';

const workload: Workload = {
  operation: 'get',
  path: '/x',
  data: payloadOf(100),
  childCount: 3,
  depth: 1,
};

/** Writes down what it was asked for. */
function recording(asked: string[]): PromiseClient {
  const ask = async (what: string): Promise<Buffer> => {
    asked.push(what);
    return workload.data;
  };
  return {
    style: 'promise',
    get: (path) => ask(`get ${path}`),
    set: (path) => ask(`set ${path}`),
    exists: (path) => ask(`exists ${path}`),
    create: (path) => ask(`create ${path}`),
    getChildren: async (path) => {
      await ask(`getChildren ${path}`);
      return ['a', 'b', 'c'];
    },
    multi: (path) => ask(`multi ${path}`),
    dataOf: (result) => result as Buffer,
    close: async () => {},
  };
}

function callbacks(promises: PromiseClient): CallbackClient {
  const tell = (promise: Promise<unknown> | undefined, done: Done): void => {
    void promise?.then((data) => done(null, data as Buffer), done);
  };
  return {
    style: 'callback',
    get: (path, done) => tell(promises.get(path), done),
    set: (path, data, done) => tell(promises.set(path, data), done),
    exists: (path, done) => tell(promises.exists?.(path), done),
    create: (path, data, done) => tell(promises.create?.(path, data), done),
    getChildren: (path, done) =>
      void promises.getChildren?.(path).then((names) => done(null, names)),
    multi: (path, data, done) => tell(promises.multi?.(path, data), done),
    close: () => promises.close(),
  };
}

const ASKED = {
  get: ['get /x'],
  set: ['set /x'],
  exists: ['exists /x'],
  create: ['create /x/n-'],
  getChildren: ['getChildren /x'],
  multi: ['multi /x'],
  mixed: ['get /x', 'get /x', 'get /x', 'get /x', 'set /x'],
};

describe.each(OPERATIONS)('%s', (operation) => {
  const each = { ...workload, operation };

  it('asks a client for what its user would', async () => {
    const asked: string[] = [];
    const perform = performWithPromises(recording(asked), each);
    const again: string[] = [];
    const performAgain = performWithCallbacks(callbacks(recording(again)), each);
    for (const _ of ASKED[operation]) {
      await perform();
      await new Promise<void>((resolve) => performAgain(() => resolve()));
    }
    expect(asked).toEqual(ASKED[operation]);
    expect(again).toEqual(ASKED[operation]);
  });

  it('is done once before anything is counted', async () => {
    for (const style of ['promise', 'callback']) {
      const asked: string[] = [];
      const client = recording(asked);
      await checkOnce(style === 'promise' ? client : callbacks(client), each);
      const [first] = asked;
      expect(first).toBe(operation === 'mixed' ? 'set /x' : ASKED[operation][0]);
    }
  });
});

describe('what a client does not have', () => {
  it.each(['exists', 'create', 'getChildren', 'multi'] as const)('is refused: %s', (operation) => {
    const { get, set, dataOf, close } = recording([]);
    const bare: PromiseClient = { style: 'promise', get, set, dataOf, close };
    const each = { ...workload, operation };
    expect(() => performWithPromises(bare, each)).toThrow(
      `not supported: this client has no ${operation}`,
    );
    const bareCallbacks: CallbackClient = { style: 'callback', get() {}, set() {}, close };
    expect(() => performWithCallbacks(bareCallbacks, each)).toThrow('not supported');
  });
});

describe('checkOnce', () => {
  it('refuses a list of another length', async () => {
    const each = { ...workload, operation: 'getChildren', childCount: 4 } as const;
    const message = 'getChildren gave 3 names, not the 4 expected';
    await expect(checkOnce(recording([]), each)).rejects.toThrow(message);
    await expect(checkOnce(callbacks(recording([])), each)).rejects.toThrow(message);
  });
});
