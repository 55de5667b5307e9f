import { OP } from '../../src/codec/index.ts';
import type { Random } from '../simulation/random.ts';
import { type Field, OPEN_ACL, type RequestPlan } from './step.ts';

/** Limits as clients write them, soft and hard, and as few write them. */
const LIMITS = [
  'count=3,bytes=100',
  'count=-1,bytes=-1=;byteHardLimit=60;countHardLimit=-1',
  'count=10,bytes=-1=;byteHardLimit=-1;countHardLimit=6',
  'count=2,bytes=5=;byteHardLimit=200;countHardLimit=12',
  'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=0',
  'count=-1,bytes=-1=;byteHardLimit=0;countHardLimit=-1',
  'count=-1,bytes=-1=;byteHardLimit=-2;countHardLimit=3',
  'countHardLimit=4',
  'byteHardLimit=40,count=1',
  'bytes=10;count=2',
  'count=1,count=-1,other=7',
  'count=-5,,;bytes=+3',
  '',
];

/** What they count: mostly nothing at first, and whatever a client says. */
const STATS = [
  ...['count=0,bytes=0', 'count=0,bytes=0', 'count=0,bytes=0'],
  ...['count=5,bytes=-7', 'bytes=3', 'count=1,bytes=2=;zeta=4;alpha=-1', ''],
];

/** Quotas are nodes: requests that make all that one takes. The first is for the whole list. */
export function newQuota(random: Random, isFirst: boolean): RequestPlan[] {
  const home = isFirst ? '^' : random.pick(['^/a', '^/a', '^/b', '^/a/b']);
  const nodes = [
    [home, null],
    [`${home}/zookeeper_stats`, random.pick(STATS)],
    [`${home}/zookeeper_limits`, random.pick(LIMITS)],
  ] as const;
  // Limits before what they count, now and then.
  const ordered = random.chance(0.8) ? nodes : [nodes[0], nodes[2], nodes[1]];
  return ordered.map(([path, data]) => {
    return { op: OP.create, parts: [[['s', path], ['d', data], ...OPEN_ACL, ['i', 0]]] };
  });
}

/** A request about the nodes of quotas. */
export function quotaRequest(random: Random): RequestPlan {
  const home = random.pick(['^', '^', '^', '^/a']);
  const name = random.pick(['', '/zookeeper_limits', '/zookeeper_limits', '/zookeeper_stats']);
  const path: Field = ['s', `${home}${name}`];
  const data: Field = ['d', random.pick(name === '/zookeeper_stats' ? STATS : LIMITS)];
  // Somebody who needs much room.
  const filling: Field = ['f', random.pick([0, 30, 300])];
  const top: Field = ['s', random.pick(['~', '~/a'])];
  const requests: readonly RequestPlan[] = [
    { op: OP.setData, parts: [[top, filling, ['i', -1]]] },
    { op: OP.setData, parts: [[top, filling, ['i', -1]]] },
    { op: OP.create, parts: [[['s', '~/s-'], filling, ...OPEN_ACL, ['i', 2]]] },
    { op: OP.create, parts: [[path, data, ...OPEN_ACL, ['i', 0]]] },
    { op: OP.create2, parts: [[path, data, ...OPEN_ACL, ['i', random.pick([0, 1])]]] },
    { op: OP.setData, parts: [[path, data, ['i', -1]]] },
    { op: OP.getData, parts: [[path, ['t', random.chance(0.5)]]] },
    { op: OP.getData, parts: [[path, ['t', false]]] },
    {
      op: OP.getChildren2,
      parts: [
        [
          ['s', home],
          ['t', true],
        ],
      ],
    },
    { op: OP.delete, parts: [[path, ['i', -1]]] },
  ];
  return random.pick(requests);
}
