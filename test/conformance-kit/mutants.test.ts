import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OP } from '../../src/codec/index.ts';
import { runServerChecks, SERVER_CHECKS } from '../../src/conform/index.ts';
import { createServer, type EmbeddedServer } from '../../src/server/index.ts';
import { dial } from '../../src/transport/index.ts';
import { type Mutant, type MutantMaker, MutantProxy, type ProxiedFrame } from './mutant-proxy.ts';

/** A mutant of replies to some operations, none of which has a state. */
const changing =
  (ops: readonly (number | null)[], change: (body: Buffer) => Buffer | null): MutantMaker =>
  () => ({
    reply: ({ body, op }) => {
      if (!ops.includes(op)) return [body];
      const changed = change(body);
      return changed === null ? [] : [changed];
    },
  });

const isHandshake = ({ op, body }: ProxiedFrame): boolean =>
  op === null && (body.length === 36 || body.length === 37);

function handshake(change: (body: Buffer) => Buffer): MutantMaker {
  return () => ({
    reply: (frame) => [isHandshake(frame) ? change(frame.body) : frame.body],
  });
}

const withInt = (body: Buffer, at: number, change: (value: number) => number): Buffer => {
  body.writeInt32BE(change(body.readInt32BE(at)), at);
  return body;
};

const withLong = (body: Buffer, at: number, change: (value: bigint) => bigint): Buffer => {
  body.writeBigInt64BE(change(body.readBigInt64BE(at)), at);
  return body;
};

/** Only of replies without an error; -4 counts from the end of the frame. */
const ifOk =
  (change: (body: Buffer) => Buffer) =>
  (body: Buffer): Buffer =>
    body.readInt32BE(12) === 0 ? change(body) : body;

/** Where the fields of a Stat at the end of a frame are, from its end. */
const STAT = { cversion: 32, ephemeralOwner: 24, pzxid: 8 };

/** Events wait for the reply behind them. */
function lateEvents(): Mutant {
  const late: Buffer[] = [];
  return {
    reply: ({ body, op }) => {
      if (op !== 0) return [body, ...late.splice(0)];
      late.push(body);
      return [];
    },
  };
}

/** The first reply waits for the second. */
function swappedReplies(): Mutant {
  let held: Buffer | null = null;
  return {
    reply: ({ body, op }) => {
      if (op === null || op === 0 || op === OP.closeSession) return [body];
      if (held === null && op === OP.sync) {
        held = body;
        return [];
      }
      const both = held === null ? [body] : [body, held];
      held = null;
      return both;
    },
  };
}

type Case = readonly [fault: string, mutant: MutantMaker, failing: readonly string[]];

const CASES: readonly Case[] = [
  [
    'the xid of a reply is another',
    changing([OP.getData], (body) => withInt(body, 0, (xid) => xid + 1)),
    ['read/get-data-and-stat', 'pipelining/replies-in-order', 'create/null-data'],
  ],
  ['replies come in another order', swappedReplies, ['pipelining/replies-in-order']],
  [
    'watch events are lost',
    changing([0], () => null),
    ['watch/data-changed', 'watch-recursive/story', 'watch-again/told-what', 'session/expiry'],
  ],
  [
    'watch events come twice',
    () => ({ reply: ({ body, op }) => (op === 0 ? [body, body] : [body]) }),
    ['watch/one-shot', 'watch-persistent/set-twice', 'watch/deleted-is-told-once'],
  ],
  ['watch events come behind the reply', lateEvents, ['watch/before-own-reply', 'watch/multi']],
  [
    'watch events carry a zxid',
    changing([0], (body) => withLong(body, 4, () => 5n)),
    ['watch/frame', 'watch-recursive/zxid-of-events', 'watch-again/catch-up-data-changed'],
  ],
  [
    'one refusal is taken for another',
    changing([OP.create], (body) => withInt(body, 12, (err) => (err === -110 ? -101 : err))),
    ['create/node-exists', 'create/root', 'stat/refused-writes-move-nothing'],
  ],
  [
    'a refusal has a body',
    changing([OP.exists], (body) =>
      body.readInt32BE(12) === 0 ? body : Buffer.concat([body, Buffer.alloc(4)]),
    ),
    ['read/exists-no-node'],
  ],
  [
    'a reply has a byte too many',
    changing(
      [OP.sync],
      ifOk((body) => Buffer.concat([body, Buffer.alloc(1)])),
    ),
    ['read/sync-echoes'],
  ],
  [
    'null data become empty',
    changing(
      [OP.getData],
      ifOk((body) => withInt(body, 16, (length) => Math.max(0, length))),
    ),
    ['create/null-data', 'set/null-and-empty'],
  ],
  [
    'cversion is one behind',
    changing(
      [OP.exists],
      ifOk((body) => withInt(body, body.length - STAT.cversion, (n) => n - 1)),
    ),
    ['stat/child-created', 'stat/cversion-of-many'],
  ],
  [
    'pzxid is not moved',
    changing(
      [OP.exists],
      ifOk((body) => withLong(body, body.length - STAT.pzxid, () => 1n)),
    ),
    ['stat/child-created', 'stat/child-deleted', 'multi/one-zxid'],
  ],
  [
    'containers name an owner',
    changing(
      [OP.createContainer],
      ifOk((body) => withLong(body, body.length - STAT.ephemeralOwner, () => -(2n ** 63n))),
    ),
    ['container/reply'],
  ],
  [
    'the zxid of a reply is behind',
    changing(
      [OP.create2, OP.setData],
      ifOk((body) => withLong(body, 4, (zxid) => zxid - 1n)),
    ),
    ['zxid/of-a-write', 'create/stat-in-reply', 'set/stat-in-reply'],
  ],
  [
    'children are sorted',
    changing(
      [OP.getChildren],
      ifOk((body) => {
        const names: Buffer[] = [];
        let at = 20;
        while (at < body.length) {
          const end = at + 4 + body.readInt32BE(at);
          names.push(body.subarray(at, end));
          at = end;
        }
        const text = (name: Buffer): string => name.toString('utf8', 4);
        names.sort((a, b) => (text(a) < text(b) ? -1 : 1));
        return Buffer.concat([body.subarray(0, 20), ...names]);
      }),
    ),
    ['child-order/few'],
  ],
  [
    'a multi that fails says so in its header',
    changing([OP.multi], (body) =>
      body.length > 20 && body.readInt32BE(16) === -1 && body[20] === 0
        ? withInt(body.subarray(0, 16), 12, () => -101)
        : body,
    ),
    ['multi/failure-bytes', 'multi/all-or-nothing', 'multi/code-no-node'],
  ],
  [
    'the readOnly byte is always left out',
    handshake((body) => body.subarray(0, 36)),
    ['handshake/with-read-only-byte'],
  ],
  [
    'time-outs are rounded',
    handshake((body) => withInt(body, 4, (timeOut) => timeOut - (timeOut % 10))),
    ['handshake/as-asked'],
  ],
  [
    'a session that is gone is granted',
    handshake((body) => withInt(body, 4, (timeOut) => (timeOut === 0 ? 4_000 : timeOut))),
    ['handshake/unknown-session', 'session/closed-is-gone', 'handshake/wrong-password'],
  ],
  [
    'connections are never ended',
    () => ({ hidesEnd: true }),
    [
      'handshake/first-negative-length',
      'handshake/take-over',
      'opcode/unknown-999',
      'limit/length-negative',
    ],
  ],
  [
    'pings are answered with their own xid',
    changing([OP.ping], (body) => withInt(body, 0, () => 77)),
    ['session/ping', 'session/ping-xid'],
  ],
  [
    'READ is not needed',
    changing([OP.getChildren], (body) =>
      body.readInt32BE(12) === -102
        ? Buffer.concat([withInt(body, 12, () => 0), Buffer.alloc(4)])
        : body,
    ),
    ['permission/getChildren-refused'],
  ],
  [
    'the hashes of digest ids are shown',
    changing(
      [OP.getACL],
      ifOk((body) => Buffer.from(body.toString('latin1').replace(':x', ':y'), 'latin1')),
    ),
    ['acl/hashes-are-masked'],
  ],
];

/** Faulty servers are given up on soon: what does not come will not come. */
const TIMEOUT_MS = 1_000;

describe('a server with a fault', () => {
  let server: EmbeddedServer;

  beforeAll(async () => {
    const options = { tickTimeMs: 1_000, extendedTypesEnabled: true, maxClientConnections: 0 };
    server = await createServer({ port: 0, ...options });
  });

  afterAll(() => server.close());

  it.each(CASES)('is found: %s', async (_, mutant, failing) => {
    const checks = SERVER_CHECKS.filter(({ id }) => failing.includes(id));
    expect(checks.map(({ id }) => id).sort()).toEqual([...failing].sort());
    const outcomes = async (port: number): Promise<unknown> => {
      const { results } = await runServerChecks({
        dialer: (signal) => dial({ host: '127.0.0.1', port, signal }),
        server: `127.0.0.1:${port}`,
        checks,
        profile: '3.8',
        timeoutMs: TIMEOUT_MS,
      });
      return Object.fromEntries(results.map(({ check, outcome }) => [check.id, outcome]));
    };
    await using proxy = await MutantProxy.start(server.connectString, mutant);
    expect(await outcomes(proxy.port)).toEqual(
      Object.fromEntries(failing.map((id) => [id, 'fail'])),
    );
  });

  it('passes the same checks without one', async () => {
    const ids = new Set(CASES.flatMap(([, , failing]) => failing));
    await using proxy = await MutantProxy.start(server.connectString, () => ({}));
    const { results } = await runServerChecks({
      dialer: (signal) => dial({ host: '127.0.0.1', port: proxy.port, signal }),
      server: 'proxy',
      checks: SERVER_CHECKS.filter(({ id }) => ids.has(id)),
      profile: '3.8',
      timeoutMs: 30_000,
    });
    const failed = results.filter(({ outcome }) => outcome !== 'pass');
    expect(failed.map(({ check, failure }) => [check.id, failure])).toEqual([]);
    expect(results.length).toBe(ids.size);
  });
});
