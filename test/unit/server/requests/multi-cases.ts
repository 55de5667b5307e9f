import type { WriteCase } from './write-cases.ts';
import {
  check,
  create,
  create2,
  createContainer,
  createTtl,
  entry,
  FLAG,
  getChildren,
  getData,
  multi,
  OWN,
  reconfig,
  remove,
  setData,
} from './write-requests.ts';

const { ephemeral, sequential, ephemeralSequential, container, ttl, ttlSequential } = FLAG;
const READ_ONLY = [entry(1, 'world', 'anyone')];

/** Multis: each step finds what the ones before it have made. */
export const MULTI_CASES: readonly WriteCase[] = [
  ['anon', multi(), 'multi []'],
  ['anon', create('/t'), 'ok /t'],
  ['anon', multi(create('/t/a')), 'multi [create /t/a]'],
  ['anon', multi(create('/t/b'), create('/t/b')), 'multi [0, -110]'],
  ['anon', multi(create('/t/b'), create('/t/b/c'), remove('/t/b')), 'multi [0, 0, -111]'],
  [
    'anon',
    multi(create('/t/b'), create('/t/b/c'), remove('/t/b/c'), remove('/t/b')),
    'multi [create /t/b, create /t/b/c, delete, delete]',
  ],
  ['anon', remove('/t/b'), '-101'],
  [
    'anon',
    multi(
      create('/t/s', { flags: sequential }),
      create('/t/plain'),
      create('/t/s', { flags: sequential }),
      remove('/t/plain'),
      create('/t/s', { flags: ephemeralSequential }),
    ),
    'multi [create /t/s0000000002, create /t/plain, create /t/s0000000004, delete, create /t/s0000000005]',
  ],
  [
    'anon',
    multi(
      setData('/t/a', 0),
      check('/t/a', 1),
      setData('/t/a', 1),
      check('/t/a', 1),
      remove('/t/a', 2),
    ),
    'multi [0, 0, 0, -103, -2]',
  ],
  [
    'anon',
    multi(setData('/t/a', 0), check('/t/a', 1), setData('/t/a', 1), remove('/t/a', 2)),
    'multi [setData, check, setData, delete]',
  ],
  ['anon', multi(remove('/t/none'), create('/t/x'), setData('/t')), 'multi [-101, -2, -2]'],
  [
    'anon',
    multi(create('/t/x'), remove('/t/x'), create('/t/x')),
    'multi [create /t/x, delete, create /t/x]',
  ],
  ['anon', multi(remove('/t/x'), setData('/t/x')), 'multi [0, -101]'],
  ['anon', multi(remove('/t/x'), create('/t/x/y')), 'multi [0, -101]'],
  ['anon', multi(create('/t/e', { flags: ephemeral }), create('/t/e/c')), 'multi [0, -108]'],
  ['anon', multi(create('/t/k', { acl: READ_ONLY }), create('/t/k/c')), 'multi [0, -102]'],
  [
    'anon',
    multi(create('/t/k', { acl: READ_ONLY }), check('/t/k', 0)),
    'multi [create /t/k, check]',
  ],
  ['anon', multi(create('/t/k/c'), check('/t/none')), 'multi [-102, -2]'],
  ['anon', multi(check('/'), create('/t2'), remove('/t2')), 'multi [check, create /t2, delete]'],
  ['anon', multi(create(''), check('/')), 'multi [-8, -2]'],
  ['anon', multi(check(''), check('/')), 'multi [-8, -2]'],
  ['anon', multi(check('/'), setData('/t/')), 'multi [0, -8]'],
  ['anon', multi(check('/'), remove('/')), 'multi [0, -8]'],
  ['anon', multi(check('/'), create('/t/y', { acl: [] })), 'multi [0, -114]'],
  ['anon', multi(check('/'), create('/t/y', { acl: OWN })), 'multi [0, -114]'],
  ['anon', multi(check('/'), createTtl('/t/y', 0n)), 'multi [0, -8]'],
  [
    'anon',
    multi(createTtl('/t/ttl', 3_600_000n), check('/t/ttl')),
    'multi [create2 /t/ttl, check]',
  ],
  [
    'anon',
    multi(createTtl('/t/q', 3_600_000n, { flags: ttlSequential }), create('/t/ttl/c')),
    'multi [create2 /t/q0000000010, create /t/ttl/c]',
  ],
  [
    'anon',
    multi(createContainer('/t/con'), create('/t/con/c')),
    'multi [create2 /t/con, create /t/con/c]',
  ],
  // In a multi the flag decides.
  ['anon', multi(create('/t/con4', { flags: container })), 'multi [create2 /t/con4]'],
  ['anon', multi(create2('/t/con5', { flags: container })), 'multi [create2 /t/con5]'],
  // What makes a request undecodable, or as good as that.
  ['anon', multi(create('/t/z', { flags: ttl })), '-5'],
  ['anon', multi(check('/'), createContainer('/t/z', { flags: ttl })), '-5'],
  ['anon', multi(create(null)), '-5'],
  ['anon', multi(remove('/t/none'), remove(null)), '-5'],
  ['anon', multi(check('/'), setData(null)), '-5'],
  ['anon', multi(getData('/')), '-5'],
  ['anon', multi(getData('/none')), '-5'],
  ['anon', multi(getChildren('/'), getData('/')), '-5'],
  ['anon', multi(check('/'), getData('/')), '-5'],
  ['anon', multi(getData('/'), check('/')), '-5'],
  ['anon', multi(check('/'), create('/t/z', { acl: [entry(31, 'digest', null)] })), '-5'],
];

/** The same where the releases differ (ZOOKEEPER-4026, and what is decoded how). */
export const MULTI_CASES_38: readonly WriteCase[] = [
  ['anon', create('/u'), 'ok /u'],
  ['anon', multi(create2('/u/a')), 'multi [create /u/a]'],
  ['anon', multi(createContainer('/u/b', { flags: 0 })), 'multi [create /u/b]'],
  ['anon', multi(createContainer('/u/c', { flags: ephemeral })), 'multi [create /u/c]'],
  ['anon', create('/u/c/child'), '-108'],
  ['anon', multi(check('/'), create('/u/d', { flags: 7 })), 'multi [0, -8]'],
  ['anon', multi(check('/'), create('/u/d', { acl: null })), 'multi [0, -114]'],
  ['anon', multi(remove('/none'), create('/u/d', { flags: ttl })), 'multi [-101, -2]'],
];

export const MULTI_CASES_39: readonly WriteCase[] = [
  ['anon', create('/u'), 'ok /u'],
  ['anon', multi(create2('/u/a')), 'multi [create2 /u/a]'],
  ['anon', multi(createContainer('/u/b', { flags: 0 })), 'multi [create2 /u/b]'],
  ['anon', multi(createContainer('/u/c', { flags: ephemeral })), 'multi [create2 /u/c]'],
  ['anon', create('/u/c/child'), 'ok /u/c/child'],
  ['anon', multi(check('/'), create('/u/d', { flags: 7 })), '-5'],
  ['anon', multi(check('/'), create('/u/d', { acl: null })), '-5'],
  ['anon', multi(remove('/none'), create('/u/d', { flags: ttl })), '-5'],
];

export const RECONFIG_OFF_CASES: readonly WriteCase[] = [
  ['anon', reconfig(), '-123'],
  ['super', reconfig('server.1=127.0.0.1:1:2;3'), '-123'],
];

/** A server without extended types, with quotas that are kept and reconfig that is allowed. */
export const STRICT_CASES: readonly WriteCase[] = [
  ['anon', createTtl('/s', 3_600_000n), '-6'],
  ['anon', createTtl('/s', 0n), '-6'],
  ['anon', createTtl('/none/s', 1n, { acl: [] }), '-6'],
  ['anon', create('/s', { flags: ttl }), '-6'],
  ['anon', create(null, { flags: ttl }), '-6'],
  ['anon', createContainer('/s', { flags: ttlSequential }), '-6'],
  ['anon', multi(check('/'), createTtl('/s', 1n)), 'multi [0, -6]'],
  ['anon', createContainer('/s'), 'ok /s'],
  ['anon', create('/s/c'), 'ok /s/c'],
  ['anon', reconfig(), '-6'],

  ['anon', create('/q', { data: 'four' }), 'ok /q'],
  ['anon', create('/zookeeper/quota/q'), 'ok /zookeeper/quota/q'],
  [
    'anon',
    create('/zookeeper/quota/q/zookeeper_limits', {
      data: 'count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=3',
    }),
    'ok /zookeeper/quota/q/zookeeper_limits',
  ],
  [
    'anon',
    create('/zookeeper/quota/q/zookeeper_stats', { data: 'count=0,bytes=0' }),
    'ok /zookeeper/quota/q/zookeeper_stats',
  ],
  ['anon', setData('/q', -1, '10 letters'), 'ok'],
  ['anon', setData('/q', -1, '11 letters!'), '-125'],
  ['anon', setData('/q', 7, '11 letters!'), '-125'],
  ['anon', setData('/q', 7, 'short'), '-103'],
  ['anon', create('/q/a', { data: 'x' }), '-125'],
  ['anon', create('/q/a', { data: null }), 'ok /q/a'],
  ['anon', create('/q/a', { data: 'x' }), '-110'],
  ['anon', create('/q/e', { data: '', flags: ephemeral }), 'ok /q/e'],
  ['anon', create('/q/b', { data: '' }), '-125'],
  ['anon', create('/q/e/b', { data: 'x' }), '-108'],
  ['anon', multi(create('/q/b', { data: '' })), 'multi [-125]'],
  ['anon', multi(remove('/q/a'), create('/q/a', { data: '' })), 'multi [0, -125]'],
  ['anon', setData('/q', -1, '8 bytes.'), 'ok'],
  ['anon', multi(setData('/q', -1, ''), setData('/q/a', -1, '9 letters')), 'multi [0, -125]'],
  [
    'anon',
    multi(setData('/q', -1, '10 letters'), setData('/q', -1, '12 letters!!')),
    'multi [setData, setData]',
  ],
  ['anon', setData('/q', -1, ''), 'ok'],
  ['anon', remove('/q/e'), 'ok'],
  // What a step before has made or set counts as what is there.
  [
    'anon',
    multi(create('/q/b', { data: '7 bytes' }), setData('/q/b', -1, '11 letters!')),
    'multi [create /q/b, setData]',
  ],
  ['anon', remove('/q/b'), 'ok'],
  ['anon', create('/q/b', { data: 'x' }), 'ok /q/b'],
];
