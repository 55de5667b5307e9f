import { afterEach, describe, expect, it } from 'vitest';
import { OP } from '../../../../src/codec/index.ts';
import { createServer, type ServerRelease } from '../../../../src/server/index.ts';
import { encodeConnect, encodeRequest } from '../../../differential/encode-request.ts';
import { RawConnection } from '../../../differential/raw-connection.ts';
import type { Field, RequestPlan } from '../../../differential/step.ts';

const ORIGIN = { root: '', zxid: 0n };
const NEW = { session: 'new', password: 'right', timeoutMs: 30_000, readOnly: false } as const;

const MULTI_END: readonly Field[] = [
  ['i', -1],
  ['t', true],
  ['i', -1],
];

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Replies of a new server to the requests of its first session, behind its length, in hex. */
function replies(...requests: RequestPlan[]): Promise<string[]> {
  return repliesOf('3.8', ...requests);
}

async function repliesOf(release: ServerRelease, ...requests: RequestPlan[]): Promise<string[]> {
  const server = await createServer({ port: 0, release });
  const connection = new RawConnection(server.port as number, 5_000);
  closing.push(
    () => server.close(),
    () => connection.destroy(),
  );
  const session = { id: 0n, password: Buffer.alloc(16) };
  const frames = requests.map((request, index) => encodeRequest(request, index + 1, ORIGIN));
  await connection.write(Buffer.concat([encodeConnect(NEW, session, ORIGIN), ...frames]));
  await connection.settled();
  const [, ...answers] = connection.take();
  return answers.slice(0, -1).map((frame) => frame.toString('hex', 4));
}

function part(op: number, ...fields: Field[]): Field[] {
  return [['i', op], ['t', false], ['i', -1], ...fields];
}

function create(path: string | null, ...acl: Field[]): RequestPlan {
  return { op: OP.create, parts: [[['s', path], ['d', null], ...acl, ['i', 0]]] };
}

const OPEN: readonly Field[] = [
  ['n', 1],
  ['i', 31],
  ['s', 'world'],
  ['s', 'anyone'],
];

// What a real 3.8.0 answers; the session took zxid 1.
describe('requests that a real server trips over', () => {
  it('takes a zxid for a multi with a null path, and makes no transaction of it', async () => {
    const multi: RequestPlan = {
      op: OP.multi,
      parts: [part(OP.setData, ['s', null], ['d', 'x'], ['i', 2]), MULTI_END],
    };
    const exists: RequestPlan = {
      op: OP.exists,
      parts: [
        [
          ['s', '/'],
          ['t', false],
        ],
      ],
    };
    const [refused, read, made] = await replies(multi, exists, create('/a', ...OPEN));
    expect(refused).toBe('000000010000000000000001fffffffbffffffff01ffffffff');
    expect(read?.slice(8, 24)).toBe('0000000000000001');
    expect(made).toBe('00000003000000000000000300000000000000022f61');
  });

  it('loses what is above U+FFFF in the ids of ACLs that are made in a multi, and nowhere else', async () => {
    const auth: RequestPlan = {
      op: OP.auth,
      parts: [
        [
          ['i', 0],
          ['s', 'digest'],
          ['d', '😀:퟿'],
        ],
      ],
    };
    // With an entry for everybody: nobody is the other one any more.
    const own: readonly Field[] = [['n', 2], ...OPEN.slice(1), ['i', 31], ['s', 'auth'], ['s', '']];
    const inMulti = part(OP.create, ['s', '/b'], ['d', null], ...own, ['i', 0]);
    const multi: RequestPlan = { op: OP.multi, parts: [inMulti, MULTI_END] };
    const aclOf = (path: string): RequestPlan => ({ op: OP.getACL, parts: [[['s', path]]] });
    const all = await replies(auth, create('/a', ...own), multi, aclOf('/a'), aclOf('/b'));
    const [alone, together] = all.slice(3);
    const hash = Buffer.from(':7on+Z1KGjORVxlVy1CcyDTYt29M=').toString('hex');
    expect(alone).toContain(`eda0bdedb880${hash}`);
    expect(together).toContain(`efbfbdefbfbd${hash}`);
  });

  it('makes a transaction of a multi with reads among its writes', async () => {
    const multi: RequestPlan = {
      op: OP.multi,
      parts: [
        part(OP.getData, ['s', null], ['t', false]),
        part(OP.delete, ['s', '/a'], ['i', -1]),
        MULTI_END,
      ],
    };
    expect(await replies(multi)).toEqual(['000000010000000000000002fffffffb']);
  });

  it('gives a multiRead with a null path the results before it', async () => {
    const read = part(OP.getChildren, ['s', '/zookeeper/quota'], ['t', false]);
    const lost = part(OP.getChildren, ['s', null], ['t', false]);
    expect(await replies({ op: OP.multiRead, parts: [read, lost, read, MULTI_END] })).toEqual([
      '000000010000000000000001fffffffb00000008000000000000000000ffffffff01ffffffff',
    ]);
  });

  it('gives a multiRead of writes no results, and one that mixes not even their end', async () => {
    const check = part(OP.check, ['s', '/'], ['i', -1]);
    const read = part(OP.getData, ['s', '/'], ['t', false]);
    const answers = await replies(
      { op: OP.multiRead, parts: [check, MULTI_END] },
      { op: OP.multiRead, parts: [read, check, MULTI_END] },
    );
    expect(answers).toEqual([
      '000000010000000000000001fffffffbffffffff01ffffffff',
      '000000020000000000000001fffffffb',
    ]);
  });

  it('tells the length of what a quota counts as it was sent, and then what it counts', async () => {
    const home = '/zookeeper/quota/q';
    const stats: Field[] = [['s', `${home}/zookeeper_stats`], ['d', 'x=3'], ...OPEN, ['i', 4]];
    const made = [create(home, ...OPEN), { op: OP.createContainer, parts: [stats] }];
    const remove: RequestPlan = {
      op: OP.delete,
      parts: [
        [
          ['s', `${home}/zookeeper_stats`],
          ['i', -1],
        ],
      ],
    };
    const again = { op: OP.multi, parts: [part(OP.createContainer, ...stats), MULTI_END] };
    const look = {
      op: OP.exists,
      parts: [
        [
          ['s', `${home}/zookeeper_stats`],
          ['t', false],
        ],
      ],
    } as const;
    const answers = await replies(...made, look, remove, again, look);
    const lengths = answers.map((answer) => {
      const stat = answer.replace(/ffffffff01ffffffff$/, '').slice(-136);
      return Number.parseInt(stat.slice(104, 112), 16);
    });
    // count=0,bytes=0
    expect([lengths[1], lengths[2]]).toEqual([3, 15]);
    expect([lengths[4], lengths[5]]).toEqual([3, 15]);
  });

  it('hangs up on credentials that it cannot read', async () => {
    const login: RequestPlan = {
      op: OP.auth,
      parts: [
        [
          ['i', 0],
          ['s', 'digest'],
          ['d', 'u:p'],
        ],
      ],
      cutBytes: 2,
    };
    expect(await replies(login)).toEqual([]);
    expect(await replies({ op: OP.sasl, parts: [] })).toEqual([]);
    expect(await replies({ op: OP.sasl, parts: [[['d', 'token']]], cutBytes: 1 })).toEqual([]);
  });

  it('takes each surrogate of a credential for one character that is none', async () => {
    const login: RequestPlan = {
      op: OP.auth,
      parts: [
        [
          ['i', 0],
          ['s', 'digest'],
          ['x', 'eda0bdedb880'],
        ],
      ],
    };
    const [, answer] = await replies(login, { op: OP.whoAmI, parts: [] });
    const digest = `${'00000006'}${Buffer.from('digest').toString('hex')}00000006efbfbdefbfbd`;
    expect(answer).toContain(digest);
  });

  it('takes no zxid for a reconfig that it cannot read', async () => {
    const reconfig: RequestPlan = {
      op: OP.reconfig,
      parts: [
        [
          ['s', ''],
          ['n', -2],
        ],
      ],
    };
    const whole: RequestPlan = {
      op: OP.reconfig,
      parts: [
        [
          ['s', null],
          ['s', null],
          ['s', null],
          ['l', '-1'],
        ],
      ],
    };
    expect(await replies(reconfig, whole)).toEqual([
      '000000010000000000000001fffffffb',
      '000000020000000000000002ffffff85',
    ]);
  });
});

// What a real 3.9.5 answers.
describe('requests that 3.9 reads before it gives them a zxid', () => {
  it('takes none for what it cannot read, but for a multi', async () => {
    const cut = (op: number): RequestPlan => ({ op, parts: [[['s', '/a']]], cutBytes: 3 });
    const answers = await repliesOf(
      '3.9',
      cut(OP.create),
      cut(OP.delete),
      cut(OP.setData),
      cut(OP.setACL),
      cut(OP.multi),
      { op: OP.multi, parts: [part(OP.setData, ['s', null], ['d', 'x'], ['i', 2]), MULTI_END] },
    );
    expect(answers).toEqual([
      '000000010000000000000001fffffffb',
      '000000020000000000000001fffffffb',
      '000000030000000000000001fffffffb',
      '000000040000000000000001fffffffb',
      '000000050000000000000002fffffffb',
      '000000060000000000000003fffffffb',
    ]);
  });
});

describe('a multi with a create that has no ACL, on 3.9', () => {
  const noAcl = part(OP.create, ['s', '/a'], ['d', ''], ['n', -1], ['i', 0]);
  const noMode = part(OP.create, ['s', '/a'], ['d', ''], ['n', -1], ['i', 7]);
  const ttlMode = part(OP.create2, ['s', '/a'], ['d', ''], ['n', -1], ['i', 5]);
  const noPath = part(OP.delete, ['s', null], ['i', -1]);
  const zxidAfter = async (...parts: Field[][]): Promise<string | undefined> => {
    const [reply] = await repliesOf('3.9', { op: OP.multi, parts: [...parts, MULTI_END] });
    expect(reply?.slice(24)).toBe('fffffffb');
    return reply?.slice(8, 24);
  };

  it('takes no zxid, unless something else is wrong before', async () => {
    expect(await zxidAfter(noAcl)).toBe('0000000000000001');
    expect(await zxidAfter(noAcl, noMode)).toBe('0000000000000001');
    expect(await zxidAfter(ttlMode)).toBe('0000000000000001');
    expect(await zxidAfter(noMode, noAcl)).toBe('0000000000000002');
    expect(await zxidAfter(noPath)).toBe('0000000000000002');
  });
});

describe('requests without a path', () => {
  it('finds no watch to remove, and does not even look for one to check', async () => {
    const noPath = (op: number, type: number): RequestPlan => ({
      op,
      parts: [
        [
          ['s', null],
          ['i', type],
        ],
      ],
    });
    const answers = await replies(
      noPath(OP.removeWatches, 3),
      noPath(OP.removeWatches, 7),
      noPath(OP.checkWatches, 3),
    );
    expect(answers.map((reply) => reply.slice(24))).toEqual(['ffffff87', 'fffffffb', 'fffffffb']);
    // 3.9 looks, and finds none.
    const [checked] = await repliesOf('3.9', noPath(OP.checkWatches, 3));
    expect(checked?.slice(24)).toBe('ffffff87');
  });
});

describe('requests that Java reads in its own way', () => {
  it('takes a count below -1 for an empty list', async () => {
    const watches: RequestPlan = {
      op: OP.setWatches,
      parts: [
        [
          ['l', '0'],
          ['n', -2],
          ['n', 0],
          ['n', -(2 ** 31)],
        ],
      ],
    };
    expect(await replies(create('/a', ['n', -2]), watches)).toEqual([
      '000000010000000000000002ffffff8e',
      '00000002000000000000000200000000',
    ]);
  });

  it('counts the root among its descendants under its empty name', async () => {
    const count = (path: string): RequestPlan => ({
      op: OP.getAllChildrenNumber,
      parts: [[['s', path]]],
    });
    expect((await replies(count(''), count('/'))).map((reply) => reply.slice(-8))).toEqual([
      '00000004',
      '00000003',
    ]);
  });

  it('writes characters above U+FFFF as two surrogates', async () => {
    expect(await replies({ op: OP.sync, parts: [[['s', '/\u{1f600}é']]] })).toEqual([
      '00000001000000000000000100000000000000092feda0bdedb880c3a9',
    ]);
  });
});
