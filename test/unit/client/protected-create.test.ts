import { beforeEach, describe, expect, it } from 'vitest';
import type {
  ProtectedCreateOptions,
  RequestError,
  ZooKeeperClient,
} from '../../../src/client/index.ts';
import { shown } from '../pipeline/pipelines.ts';
import { TreeServer, type Verdict } from './tree-server.ts';

const ID = '12345678-9abc-4def-8123-456789abcdef';
const NODE = /^\/locks\/_c_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-lock-\d{10}$/;
const EPHEMERAL: ProtectedCreateOptions = { mode: 'ephemeral-sequential' };

let server: TreeServer;
let zk: ZooKeeperClient;

beforeEach(async () => {
  server = new TreeServer();
  zk = await server.connect();
  server.plant('/locks');
});

/** Gives the verdicts to requests that begin so, in turn. */
function judge(
  plan: Readonly<Record<string, Verdict[]>>,
  also: (request: string) => void = () => {},
): void {
  server.judge = (request) => {
    also(request);
    const operation = request.split(' ')[0]!;
    return plan[operation]?.shift();
  };
}

const lock = (options: ProtectedCreateOptions = EPHEMERAL): Promise<string> =>
  zk.createProtected('/locks/lock-', 'me', options);
const failure = (call: Promise<unknown>): Promise<RequestError> =>
  server.until(call.catch((reason: unknown) => reason)) as Promise<RequestError>;
const locks = (): string[] => server.paths.filter((path) => path.startsWith('/locks/'));
const names = (): string[] => server.requests.map((request) => request.split(' ')[0]!);

/** Lets what goes on in the background come to its end. */
async function background(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await server.turn();
}

describe('createProtected', () => {
  it('is a create with a mark in the name when nothing happens', async () => {
    const path = await server.until(lock());
    expect(path).toMatch(NODE);
    expect(locks()).toEqual([path]);
    expect(names()).toEqual(['create']);
  });

  it('works below the root, below a slash, and for every mode', async () => {
    expect(await server.until(zk.createProtected('/x'))).toMatch(/^\/_c_[0-9a-f-]{36}-x$/);
    const slash = zk.createProtected('/locks/', null, { mode: 'persistent-sequential' });
    expect(await server.until(slash)).toMatch(/^\/locks\/_c_[0-9a-f-]{36}-\d{10}$/);
    const other = new TreeServer();
    const below = await other.connect({}, '/app');
    other.plant('/app');
    judgeOnce(other, 'create', 'lose-answer');
    const path = await other.until(below.createProtected('/x-', null, EPHEMERAL));
    expect(path).toMatch(/^\/_c_[0-9a-f-]{36}-x-0000000000$/);
    expect(other.paths).toEqual(['/app', `/app${path}`]);
  });

  it('finds its node again when the answer was lost', async () => {
    judge({ create: ['lose-answer'] });
    const path = await server.until(lock());
    expect(path).toMatch(NODE);
    expect(locks()).toEqual([path]);
    expect(names()).toEqual(['create', 'sync', 'getChildren', 'exists']);
  });

  it('makes its node again when the request was lost, with the same mark', async () => {
    judge({ create: ['lose'] });
    const path = await server.until(lock());
    expect(locks()).toEqual([path]);
    expect(names()).toEqual(['create', 'sync', 'getChildren', 'create']);
    expect(server.requests[0]).toBe(server.requests[3]);
  });

  it('goes on looking when the connection is lost again and again', async () => {
    judge({ create: ['lose-answer'], getChildren: ['lose', 'lose'], exists: ['lose'] });
    const path = await server.until(lock());
    expect(locks()).toEqual([path]);
    expect(names().filter((name) => name === 'create')).toHaveLength(1);
  });

  it('waits for room to look', async () => {
    zk = await server.connect({ inflightMax: 1 });
    judge({ create: ['lose-answer'] });
    const path = await server.until(lock());
    expect(locks()).toEqual([path]);
    expect(names()).toEqual(['create', 'sync', 'getChildren', 'exists']);
  });

  it('leaves alone what others have made', async () => {
    server.plant(`/locks/_c_${ID}-lock-0000000009`, '/locks/lock-0000000001');
    judge({ create: ['lose-answer'] });
    const path = await server.until(lock());
    expect(path).not.toContain(ID);
    expect(locks()).toHaveLength(3);
  });

  it('does not take the node of a session that is over for its own, and deletes it', async () => {
    // The server lags behind: it still shows the node of the session before.
    judge({ create: ['lose-answer'] }, (request) => {
      if (request.startsWith('sync')) {
        const made = server.requests[0]!.split(' ')[1]!;
        server.nodes.set(`${made}0000000000`, { owner: 0x77n, perms: 31, counter: 0 });
      }
    });
    server.expired = true;
    const path = await server.until(lock());
    expect(zk.sessionId).toBe(0x78n);
    expect(locks()).toEqual([path]);
    expect(server.nodes.get(path)?.owner).toBe(0x78n);
    expect(names()).toEqual(['create', 'sync', 'getChildren', 'exists', 'delete', 'create']);
  });

  it.each([
    [-101, 'made again'],
    [-102, 'NOAUTH/unknown'],
  ])('when that delete ends with %s: %s', async (err, outcome) => {
    judge({ create: ['lose-answer'], delete: [err] }, (request) => {
      if (!request.startsWith('sync')) return;
      const made = server.requests[0]!.split(' ')[1]!;
      server.nodes.set(`${made}0000000000`, { owner: 0x77n, perms: 31, counter: 0 });
    });
    server.expired = true;
    const answer = await server.until(lock().then(() => 'made again', shown));
    expect(answer).toBe(outcome);
  });

  it('takes a node that stays, whatever session made it', async () => {
    judge({ create: ['lose-answer'] });
    server.expired = true;
    const path = await server.until(lock({ mode: 'persistent-sequential' }));
    expect(locks()).toEqual([path]);
    expect(names()).toEqual(['create', 'sync', 'getChildren']);
  });

  it('makes another when the one that was found has vanished', async () => {
    judge({ create: ['lose-answer'] }, (request) => {
      if (request.startsWith('exists')) server.nodes.delete(request.split(' ')[1]!);
    });
    const path = await server.until(lock());
    expect(locks()).toEqual([path]);
    expect(names()).toEqual(['create', 'sync', 'getChildren', 'exists', 'create']);
  });

  it('passes on what a server refuses, and what was not sent', async () => {
    const refused = zk.createProtected('/none/x', null, EPHEMERAL);
    expect(await failure(refused)).toMatchObject({ code: 'NONODE', outcome: 'rejected' });
    judge({ create: [-102] });
    expect(shown(await failure(lock()))).toBe('NOAUTH/rejected');
    judge({ create: ['lose-answer'] }, (request) => {
      if (request.startsWith('sync'))
        for (const path of locks().concat('/locks')) server.nodes.delete(path);
    });
    expect(shown(await failure(lock()))).toBe('NONODE/rejected');
    await server.until(zk.close());
    expect(shown(await failure(lock()))).toBe('CONNECTION_CLOSED/not-sent');
  });

  it('says that it does not know when it may not look', async () => {
    judge({ create: ['lose-answer'], getChildren: [-102, -102] });
    const error = await failure(lock());
    expect(error).toMatchObject({
      code: 'NOAUTH',
      outcome: 'unknown',
      operation: 'create',
      cause: { code: 'NOAUTH', outcome: 'rejected', operation: 'getChildren' },
    });
    expect(error.path).toMatch(/^\/locks\/_c_/);
    expect(error.message).toContain('looked for in vain after CONNECTION_LOSS');
  });

  it('looks again where the server was too busy to look', async () => {
    judge({ create: ['lose-answer'], getChildren: [-127] });
    const path = await server.until(lock());
    expect(locks()).toEqual([path]);
  });

  it('gives up after so many losses', async () => {
    server.judge = (request) => (request.startsWith('create') ? 'lose' : undefined);
    expect(shown(await failure(lock()))).toBe('CONNECTION_LOSS/unknown');
    expect(names().filter((name) => name === 'create')).toHaveLength(10);
    server.judge = (request) => (/create|getChildren/.test(request) ? 'lose' : undefined);
    expect(shown(await failure(lock()))).toBe('CONNECTION_LOSS/unknown');
  });

  it.each([
    [{ protectionId: 'x' }],
    [{ protectionId: 7 }],
    [{ mode: 'toString' }],
    [{ mode: 5 }],
    [{ mode: 'persistent-ttl' }],
  ] as unknown as [ProtectedCreateOptions][])('refuses %o', async (options) => {
    expect(await lock(options).catch(shown)).toBe('BAD_ARGUMENT/not-sent');
    expect(await zk.createProtected('/locks/').catch(shown)).toBe('BAD_ARGUMENT/not-sent');
    await server.turn();
    expect(server.requests).toEqual([]);
  });
});

describe('a protected create that is given up', () => {
  it('takes its node back when it timed out', async () => {
    server.silent = true;
    expect(shown(await failure(lock({ ...EPHEMERAL, timeoutMs: 50 })))).toBe(
      'REQUEST_TIMEOUT/unknown',
    );
    server.silent = false;
    await background();
    expect(names()).toEqual(['create', 'sync', 'getChildren', 'exists', 'delete']);
    expect(locks()).toEqual([]);
  });

  it('takes its node back when it was aborted while it was looking', async () => {
    const controller = new AbortController();
    judge({ create: ['lose-answer'] }, (request) => {
      if (request.startsWith('sync')) controller.abort();
    });
    const error = await failure(lock({ ...EPHEMERAL, signal: controller.signal }));
    expect(error).toMatchObject({ code: 'ABORTED', outcome: 'unknown', operation: 'create' });
    await background();
    expect(locks()).toEqual([]);
  });

  it('takes its node back once the session is there again', async () => {
    zk = await server.connect({ whileDisconnected: 'fail' });
    judge({ create: ['lose-answer'] });
    expect(shown(await failure(lock()))).toBe('NOT_CONNECTED/unknown');
    expect(locks()).toHaveLength(1);
    await background();
    expect(locks()).toEqual([]);
  });

  it('leaves the node to the next call when the id is the caller’s', async () => {
    const options = { ...EPHEMERAL, protectionId: ID };
    judge({ create: ['lose-answer'], getChildren: [undefined, -102] });
    expect(shown(await failure(lock(options)))).toBe('NOAUTH/unknown');
    await background();
    expect(locks()).toEqual([`/locks/_c_${ID}-lock-0000000000`]);
    expect(await server.until(lock(options))).toBe(locks()[0]);
    expect(locks()).toHaveLength(1);
  });

  it('finds the node of such a call also where the name is taken, and makes it when there is none', async () => {
    const options: ProtectedCreateOptions = { mode: 'ephemeral', protectionId: ID };
    const path = await server.until(lock(options));
    expect(names()).toEqual(['sync', 'getChildren', 'create']);
    server.requests.length = 0;
    // Made by a request that was still under way when the list was read.
    judge({ getChildren: [-101] });
    expect(await server.until(lock(options))).toBe(path);
    expect(names()).toEqual(['sync', 'getChildren', 'create', 'sync', 'getChildren', 'exists']);
  });

  it('passes on what goes wrong when it looks for the node of an earlier call', async () => {
    judge({ getChildren: [-102] });
    expect(shown(await failure(lock({ ...EPHEMERAL, protectionId: ID })))).toBe('NOAUTH/rejected');
  });

  it('stops looking when the client is closed', async () => {
    zk = await server.connect({ whileDisconnected: 'fail' });
    judge({ create: ['lose-answer'] });
    await failure(lock());
    const asked = server.requests.length;
    await zk.close();
    await background();
    expect(server.requests).toHaveLength(asked);
    expect(zk.listenerCount('state')).toBe(0);
  });

  it('takes its node back from a server that is too busy at first', async () => {
    server.silent = true;
    await failure(lock({ ...EPHEMERAL, timeoutMs: 50 }));
    judge({ sync: [-127], delete: [-127] });
    server.silent = false;
    await background();
    expect(locks()).toEqual([]);
  });

  it('takes its node back when there is room again', async () => {
    zk = await server.connect({ inflightMax: 1 });
    server.silent = true;
    const given = failure(lock({ ...EPHEMERAL, timeoutMs: 50 }));
    // As many wait for room as may.
    const many = zk.getMany(['/locks']);
    expect(shown(await given)).toBe('REQUEST_TIMEOUT/unknown');
    await background();
    expect(names()).toEqual([]);
    server.silent = false;
    await server.until(many);
    await background();
    expect(names()).toEqual(['create', 'getData', 'sync', 'getChildren', 'exists', 'delete']);
    expect(locks()).toEqual([]);
  });

  it('takes its node back once it has left a read-only server', async () => {
    server.silent = true;
    await failure(lock({ ...EPHEMERAL, timeoutMs: 50 }));
    judge({ delete: [-119], exists: [undefined, 'lose'] });
    server.silent = false;
    await background();
    expect(locks()).toHaveLength(1);
    await failure(zk.exists('/none'));
    await background();
    expect(locks()).toEqual([]);
  });

  it('lets the node be when it may not be looked for', async () => {
    server.silent = true;
    await failure(lock({ ...EPHEMERAL, timeoutMs: 50 }));
    judge({ getChildren: [-102] });
    server.silent = false;
    await background();
    expect(names()).toEqual(['create', 'sync', 'getChildren']);
  });
});

function judgeOnce(other: TreeServer, operation: string, verdict: Verdict): void {
  let done = false;
  other.judge = (request) => {
    if (done || !request.startsWith(operation)) return undefined;
    done = true;
    return verdict;
  };
}
