import type { MultiResult } from '../../codec/index.ts';
import { OP, SERVER_CODE, type Stat } from '../../codec/index.ts';
import { APACHE, type AreaCheck, area, type ServerCheck } from '../check.ts';
import { equal, statHas } from '../expect.ts';
import { fail } from '../failure.ts';
import * as ask from '../requests.ts';
import { SOURCE } from '../sources.ts';
import type { WireSession } from '../wire-session.ts';

const TERMINATOR: Buffer = Buffer.from('ffffffff01ffffffff', 'hex');

const { NONODE, NODEEXISTS, BADVERSION, NOTEMPTY, NOAUTH, INVALIDACL, RUNTIMEINCONSISTENCY } =
  SERVER_CODE;

type Steps = Parameters<typeof ask.multi>[0];

/** Types of the results, as opcodes. */
const types = (results: readonly MultiResult[]): number[] => results.map(({ op }) => op);

function statOf(result: MultiResult | undefined): Stat {
  if (result === undefined || !('stat' in result)) fail('expected a result with a Stat, got none');
  return result.stat;
}

/** Codes of a transaction that must fail: every result is an error. */
async function failing(s: WireSession, steps: Steps): Promise<number[]> {
  const results = (await s.ok(ask.multi(steps))).results();
  equal(
    types(results),
    steps.map(() => OP.error),
    'types of the results',
  );
  return results.map((result) => ('err' in result ? result.err : 0));
}

/** What cannot be a part of a multi. */
const NO_STEPS: readonly (readonly [id: string, what: string, step: ask.WireRequest])[] = [
  ['setACL', 'setACL', ask.setAcl('/', ask.OPEN)],
  ['exists', 'exists', ask.exists('/')],
  ['getData', 'getData, which belongs into a multiRead,', ask.getData('/')],
  ['getChildren', 'getChildren, which belongs into a multiRead,', ask.getChildren('/')],
  ['multi', 'another multi', ask.multi([])],
  ['unknown', 'an unknown operation', ask.raw(999)],
];

const FRAMING: readonly AreaCheck[] = [
  {
    id: 'empty',
    title: 'an empty multi is answered with the terminator alone',
    source: SOURCE.seen,
    async run(t) {
      (await (await t.session()).ok(ask.multi([]))).bodyIs(TERMINATOR);
    },
  },
  {
    id: 'result-types',
    title: 'create, setData, check and delete are answered by results of their types, in order',
    source: SOURCE.recorded,
    async run(t) {
      const s = await t.session();
      const a = t.at('a');
      const steps = [ask.check(t.root, 0), ask.create(a), ask.setData(a, 'w', 0), ask.remove(a, 1)];
      const results = (await s.ok(ask.multi(steps))).results();
      equal(types(results), [OP.check, OP.create, OP.setData, OP.delete], 'types of the results');
    },
  },
  {
    id: 'create2-result',
    title:
      'create2 in a multi is answered as the release does: as create up to 3.8.1, else with a Stat',
    source: 'ZOOKEEPER-4026; seen on 3.8.0 and 3.9.5',
    profiles: APACHE,
    async run(t) {
      const s = await t.session();
      const results = (await s.ok(ask.multi([ask.create2(t.at('a'))]))).results();
      equal(types(results), [t.rules.create2InMulti ? OP.create2 : OP.create], 'types');
    },
  },
  {
    id: 'container-result',
    title: 'createContainer in a multi is answered as create2, with a Stat',
    source: SOURCE.recorded,
    profiles: APACHE,
    async run(t) {
      const s = await t.session();
      const reply = await s.ok(ask.multi([ask.createContainer(t.at('c'))]));
      const [result] = reply.results();
      equal(result?.op, OP.create2, 'type of the result');
      statHas(statOf(result), { czxid: reply.zxid, ephemeralOwner: 0n }, 'the container');
    },
  },
  {
    id: 'ttl-result',
    title: 'createTTL in a multi is answered as create2, with a Stat',
    source: SOURCE.recorded,
    profiles: APACHE,
    async run(t) {
      t.needTtl();
      const s = await t.session();
      const reply = await s.ok(ask.multi([ask.createTtl(t.at('c'), 600_000n)]));
      const [result] = reply.results();
      equal(result?.op, OP.create2, 'type of the result');
      statHas(statOf(result), { czxid: reply.zxid, ephemeralOwner: 0n }, 'the TTL node');
    },
  },
  {
    id: 'failure-bytes',
    title:
      'a multi that fails is answered with err 0 and an error for every operation: 0, the code, -2',
    source: SOURCE.recorded,
    async run(t) {
      const s = await t.session();
      const steps = [ask.check(t.root), ask.remove(t.at('none')), ask.check(t.root)];
      const reply = await s.ok(ask.multi(steps));
      const error = (code: number): string => {
        const word = Buffer.alloc(4);
        word.writeInt32BE(code);
        return `ffffffff00${word.toString('hex').repeat(2)}`;
      };
      const hex = error(0) + error(NONODE) + error(RUNTIMEINCONSISTENCY);
      reply.bodyIs(Buffer.concat([Buffer.from(hex, 'hex'), TERMINATOR]));
    },
  },
  ...(NO_STEPS.map(([id, what, step]) => ({
    id: `no-${id}`,
    title: `${what} in a multi is an error of the request (-5), and the connection goes on`,
    source: SOURCE.seen,
    profiles: APACHE,
    async run(t) {
      // A leader with local sessions takes such a multi for an empty one.
      t.needGlobalSessions();
      t.needAnswersToBrokenWrites();
      const s = await t.session();
      const reply = await s.call(ask.multi([ask.create(t.at('a')), step]));
      if (id === 'getData' || id === 'getChildren') {
        equal(
          reply.err !== 0 || types(reply.results()).every((type) => type === OP.error),
          true,
          'refusal',
        );
      } else {
        reply.refused('MARSHALLINGERROR');
      }
      await s.refused(ask.exists(t.at('a')), 'NONODE');
    },
  })) satisfies AreaCheck[]),
  {
    id: 'no-terminator',
    title: 'a multi without its terminator is an error of the request (-5)',
    source: SOURCE.framing,
    async run(t) {
      t.needAnswersToBrokenWrites();
      const s = await t.session();
      const { op, body } = ask.multi([ask.create(t.at('a'))]);
      await s.refused(ask.raw(op, body.subarray(0, -TERMINATOR.length)), 'MARSHALLINGERROR');
      await s.refused(ask.exists(t.at('a')), 'NONODE');
    },
  },
];

const ATOMICITY: readonly AreaCheck[] = [
  {
    id: 'all-or-nothing',
    title: 'a multi that fails at its last operation has done nothing',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      await s.make(t.at('old'));
      const before = await s.stat(t.root);
      const steps = [
        ask.create(t.at('a')),
        ask.setData(t.at('old'), 'w'),
        ask.remove(t.at('old')),
        ask.check(t.at('none')),
      ];
      equal(await failing(s, steps), [0, 0, 0, NONODE], 'codes');
      equal(await s.stat(t.root), before, 'Stat of the parent');
      equal((await s.ok(ask.getChildren(t.root))).children(), ['old'], 'children');
      equal((await s.stat(t.at('old'))).version, 0, 'version');
    },
  },
  {
    id: 'one-zxid',
    title: 'all operations of a multi are one transaction with one zxid, that of the reply',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      const reply = await s.ok(ask.multi([ask.create(t.at('a')), ask.create(t.at('b'))]));
      for (const name of ['a', 'b']) equal((await s.stat(t.at(name))).czxid, reply.zxid, 'czxid');
      statHas(await s.stat(t.root), { pzxid: reply.zxid, cversion: 2 }, 'the parent');
    },
  },
  {
    id: 'sees-itself',
    title: 'operations see what those before them have done',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      const steps = [
        ask.create(t.at('a')),
        ask.create(t.at('a/b')),
        ask.setData(t.at('a'), 'w', 0),
        ask.setData(t.at('a'), 'x', 1),
        ask.check(t.at('a'), 2),
      ];
      const results = (await s.ok(ask.multi(steps))).results();
      equal([statOf(results[2]).version, statOf(results[3]).version], [1, 2], 'versions');
      equal((await s.ok(ask.getData(t.at('a')))).data().data?.toString(), 'x', 'data');
    },
  },
  {
    id: 'made-and-deleted',
    title: 'a node that is made and deleted again leaves its marks on the parent only',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      const reply = await s.ok(ask.multi([ask.create(t.at('a')), ask.remove(t.at('a'))]));
      await s.refused(ask.exists(t.at('a')), 'NONODE');
      statHas(
        await s.stat(t.root),
        { cversion: 2, numChildren: 0, pzxid: reply.zxid },
        'the parent',
      );
    },
  },
  {
    id: 'ephemeral',
    title: 'ephemeral nodes of a multi belong to its session',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.multi([ask.create(t.at('e'), { flags: ask.FLAGS.ephemeral })]));
      equal((await s.stat(t.at('e'))).ephemeralOwner, s.id, 'ephemeralOwner');
    },
  },
  {
    id: 'reply-stat',
    title: 'the Stat of a setData result is that of the node',
    source: SOURCE.recorded,
    async run(t) {
      const s = await t.session();
      const reply = await s.ok(ask.multi([ask.setData(t.root, 'hello')]));
      const stat = statOf(reply.results()[0]);
      statHas(stat, { mzxid: reply.zxid, version: 1, dataLength: 5 }, 'the node');
      equal(stat, await s.stat(t.root), 'Stat of exists');
    },
  },
  {
    id: 'works-after-failure',
    title: 'the connection goes on behind a multi that failed',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      equal(await failing(s, [ask.check(t.at('none'))]), [NONODE], 'codes');
      await s.ok(ask.multi([ask.create(t.at('a'))]));
    },
  },
];

type CodeCase = readonly [
  id: string,
  what: string,
  code: number,
  steps: (at: (name: string) => string) => Steps,
];

/** Nodes that are there: a, with the child a/b, and closed, which nobody may touch. */
const CODES: readonly CodeCase[] = [
  ['no-node', 'delete of a missing node', NONODE, (at) => [ask.remove(at('none'))]],
  ['set-no-node', 'setData of a missing node', NONODE, (at) => [ask.setData(at('none'), 'w')]],
  ['check-no-node', 'check of a missing node', NONODE, (at) => [ask.check(at('none'), -1)]],
  ['node-exists', 'create of a node that is there', NODEEXISTS, (at) => [ask.create(at('a'))]],
  ['not-empty', 'delete of a node with children', NOTEMPTY, (at) => [ask.remove(at('a'))]],
  ['check-version', 'check of another version', BADVERSION, (at) => [ask.check(at('a'), 1)]],
  ['set-version', 'setData of another version', BADVERSION, (at) => [ask.setData(at('a'), 'w', 1)]],
  ['delete-version', 'delete of another version', BADVERSION, (at) => [ask.remove(at('a/b'), 1)]],
  ['check-no-auth', 'check without READ', NOAUTH, (at) => [ask.check(at('closed'))]],
  ['set-no-auth', 'setData without WRITE', NOAUTH, (at) => [ask.setData(at('closed'), 'w')]],
  ['create-no-auth', 'create without CREATE', NOAUTH, (at) => [ask.create(at('closed/x'))]],
  [
    'invalid-acl',
    'create with an empty ACL',
    INVALIDACL,
    (at) => [ask.create(at('x'), { acl: [] })],
  ],
  ['bad-path', 'create of a bad path', SERVER_CODE.BADARGUMENTS, (at) => [ask.create(at('a/'))]],
  [
    'twice',
    'the second delete of a node',
    NONODE,
    (at) => [ask.remove(at('a/b')), ask.remove(at('a/b'))],
  ],
];

const CODE_CHECKS = CODES.map(([id, what, code, steps]) => ({
  id: `code-${id}`,
  title: `${what} in a multi fails with its own code`,
  source: SOURCE.seen,
  async run(t) {
    const s = await t.session();
    await s.make(t.at('a'));
    await s.make(t.at('a/b'));
    await s.make(t.at('closed'), { acl: [ask.entry(ask.PERMS.admin, 'world', 'anyone')] });
    const all = steps((name) => t.at(name));
    equal(
      await failing(s, all),
      all.map((_, index) => (index === all.length - 1 ? code : 0)),
      'codes',
    );
  },
})) satisfies AreaCheck[];

const MULTI_READ: readonly AreaCheck[] = [
  {
    id: 'data-and-children',
    title: 'getData and getChildren are answered in order, as they would be alone',
    source: SOURCE.recorded,
    async run(t) {
      const s = await t.session();
      await s.make(t.at('a'), { data: 'hello' });
      const read = ask.multiRead([ask.getData(t.at('a')), ask.getChildren(t.root)]);
      const results = (await s.ok(read)).results();
      const { data, stat } = (await s.ok(ask.getData(t.at('a')))).data();
      equal(
        results,
        [
          { op: OP.getData, data, stat },
          { op: OP.getChildren, children: ['a'] },
        ] as MultiResult[],
        'results',
      );
    },
  },
  {
    id: 'errors-stand-alone',
    title: 'an operation that fails leaves the others as they are',
    source: SOURCE.recorded,
    async run(t) {
      const s = await t.session();
      await s.make(t.at('closed'), { acl: [ask.entry(ask.PERMS.admin, 'world', 'anyone')] });
      const reads = [ask.getData(t.at('none')), ask.getData(t.at('closed')), ask.getData(t.root)];
      const results = (await s.ok(ask.multiRead(reads))).results();
      equal(types(results), [OP.error, OP.error, OP.getData], 'types');
      const codes = results.map((result) => ('err' in result ? result.err : 0));
      equal(codes, [NONODE, NOAUTH, 0], 'codes');
    },
  },
  {
    id: 'empty',
    title: 'an empty multiRead is answered with the terminator alone',
    source: SOURCE.seen,
    async run(t) {
      (await (await t.session()).ok(ask.multiRead([]))).bodyIs(TERMINATOR);
    },
  },
  {
    id: 'watch-is-ignored',
    title: 'a multiRead leaves no watches',
    source: SOURCE.seen,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.multiRead([ask.getData(t.root, true), ask.getChildren(t.root, true)]));
      await s.ok(ask.setData(t.root, 'w'));
      await s.make(t.at('a'));
      equal(await s.allEvents(), [], 'events');
    },
  },
  ...((
    [
      ['exists', ask.exists('/')],
      ['getChildren2', ask.getChildren2('/')],
      ['unknown', ask.raw(999)],
    ] as const
  ).map(([id, step]) => ({
    id: `no-${id}`,
    title: `${id} in a multiRead is an error of the request (-5)`,
    source: SOURCE.seen,
    profiles: APACHE,
    async run(t) {
      const s = await t.session();
      await s.refused(ask.multiRead([step]), 'MARSHALLINGERROR');
      await s.ok(ask.exists(t.root));
    },
  })) satisfies AreaCheck[]),
];

/** multi and multiRead. */
export const MULTI_CHECKS: readonly ServerCheck[] = [
  ...area(
    'multi',
    'Transactions would be cut in half, or clients could not read what became of them.',
    [...FRAMING, ...ATOMICITY, ...CODE_CHECKS],
  ),
  ...area('multi-read', 'Clients could not tell which of their reads failed.', MULTI_READ),
];
