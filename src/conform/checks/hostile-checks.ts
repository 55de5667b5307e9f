import { type AreaCheck, area, type ServerCheck } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { equal } from '../expect.ts';
import * as ask from '../requests.ts';
import { SOURCE } from '../sources.ts';
import { heard } from '../watch-expectations.ts';
import { handshakeFrame } from '../wire-session.ts';

/** Connections and frames of one attack: enough to show, and no strain for the server. */
const ROUNDS = 12;

/** The same numbers on every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
}

/** Reads with random bytes in the place of their record: no operation that could write. */
function randomReads(root: string): Buffer[] {
  const random = randomNumbers(1);
  const reads = [
    ask.exists(root),
    ask.getData(root),
    ask.getChildren(root),
    ask.getAcl(root),
    ask.checkWatches(root, 3),
    ask.multiRead([ask.getData(root), ask.getChildren(root)]),
    ask.setWatches2(0n, { data: [root], child: [root] }),
  ];
  return Array.from({ length: 20 * ROUNDS }, (_, index) => {
    const frame = ask.frameOf(index + 1, reads[index % reads.length]!);
    for (let change = 0; change < 3; change++) {
      const at = 8 + (random() % (frame.length - 8));
      frame[at] = random() & 0xff;
    }
    return frame;
  });
}

type Attack = readonly [id: string, what: string, attack: (t: CheckContext) => Promise<void>];

async function onEach(t: CheckContext, bytes: (round: number) => Uint8Array): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const c = await t.connection();
    c.sendBytes(bytes(round));
    c.destroy();
  }
}

const ATTACKS: readonly Attack[] = [
  [
    'connections',
    'connections that say nothing and end',
    async (t) => {
      for (let round = 0; round < ROUNDS; round++) (await t.connection()).destroy();
    },
  ],
  [
    'garbage',
    'random bytes as the first',
    (t) => {
      const random = randomNumbers(2);
      return onEach(t, () => Buffer.from(Array.from({ length: 100 }, () => random() & 0xff)));
    },
  ],
  [
    'half-handshake',
    'connect requests that are cut off',
    (t) => {
      const prefix = Buffer.from('0000002d', 'hex');
      const whole = Buffer.concat([prefix, handshakeFrame()]);
      return onEach(t, (round) => whole.subarray(0, 1 + round * 4));
    },
  ],
  ['http', 'an HTTP request', (t) => onEach(t, () => Buffer.from('GET / HTTP/1.1\r\n\r\n'))],
  [
    'sessions',
    'sessions whose connections drop at once',
    async (t) => {
      for (let round = 0; round < ROUNDS; round++) (await t.session()).connection.destroy();
    },
  ],
  [
    'half-frame',
    'a frame that never comes to its end',
    async (t) => {
      for (let round = 0; round < ROUNDS / 2; round++) {
        const s = await t.session();
        s.connection.sendBytes(Buffer.from('000fffff00000001', 'hex'));
        s.abandon();
      }
    },
  ],
  [
    'broken-reads',
    'reads with broken records',
    async (t) => {
      const s = await t.session();
      const frames = randomReads(t.root);
      s.connection.sendFrames(frames);
      for (const _ of frames) {
        // Every one is answered: by what it asks for, or by an error. Watches may fire between.
        let frame = await s.connection.next();
        while (frame !== null && frame.readInt32BE(0) === -1) frame = await s.connection.next();
        equal(frame === null, false, 'the connection has ended');
      }
    },
  ],
  [
    'unread-replies',
    'a client that asks for much and reads nothing',
    async (t) => {
      const s = await t.session();
      await s.ok(ask.setData(t.at('n'), Buffer.alloc(100_000)));
      s.connection.sendFrames(
        Array.from({ length: 20 }, (_, index) => ask.frameOf(index + 1, ask.getData(t.at('n')))),
      );
      s.connection.destroy();
    },
  ],
  [
    'refusals',
    'requests of which every one is refused',
    async (t) => {
      const s = await t.session();
      s.sendAll(Array.from({ length: 200 }, () => ask.create(t.at('n'))));
      for (let index = 0; index < 200; index++) (await s.reply()).refused('NODEEXISTS');
    },
  ],
];

/** What others do to the server must not reach a session that does nothing wrong. */
export const HOSTILE_CHECKS: readonly ServerCheck[] = area(
  'hostile',
  'One broken client would disturb all the others.',
  ATTACKS.map(([id, what, attack]) => ({
    id,
    title: `a session beside is not disturbed by ${what}`,
    source: SOURCE.seen,
    async run(t) {
      const neighbour = await t.session();
      await neighbour.make(t.at('n'));
      await neighbour.make(t.at('e'), { flags: ask.FLAGS.ephemeral });
      await neighbour.ok(ask.getData(t.root, true));
      await attack(t);
      await neighbour.ok(ask.setData(t.root, 'still here'));
      await heard(t, neighbour, ['NodeDataChanged .']);
      equal((await neighbour.stat(t.at('e'))).ephemeralOwner, neighbour.id, 'owner of its node');
      await t.session();
    },
  })) satisfies AreaCheck[],
);
