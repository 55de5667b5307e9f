import { operationName, operationOf } from '../../codec/index.ts';
import { FRAME_BODY_BYTES_MAX } from '../../limits.ts';
import { APACHE, type AreaCheck, area, type ServerCheck } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { equal } from '../expect.ts';
import type { WireRequest } from '../requests.ts';
import * as ask from '../requests.ts';
import { SOURCE } from '../sources.ts';

/** A setData of the check's znode whose frame has exactly so many bytes. */
function setOfFrame(t: CheckContext, frameBytes: number): WireRequest {
  const overhead = ask.frameOf(0, ask.setData(t.root, '')).length;
  return ask.setData(t.root, Buffer.alloc(frameBytes - overhead, 0x61));
}

const FRAMES: readonly AreaCheck[] = [
  {
    id: 'longest-frame',
    title: 'a frame of jute.maxbuffer bytes, 1,048,575 by default, is served, and can be read back',
    source: SOURCE.framing,
    async run(t) {
      const s = await t.session();
      const request = setOfFrame(t, FRAME_BODY_BYTES_MAX);
      const { dataLength } = (await s.ok(request)).stat();
      const { data } = (await s.ok(ask.getData(t.root))).data();
      equal(data?.length, dataLength, 'length of the data');
      equal(
        data?.every((byte) => byte === 0x61),
        true,
        'the data',
      );
    },
  },
  {
    id: 'too-long-frame',
    title: 'a frame of one byte more ends the connection without an answer',
    source: SOURCE.framing,
    async run(t) {
      const s = await t.session();
      s.send(setOfFrame(t, FRAME_BODY_BYTES_MAX + 1));
      await s.connection.expectEnd('the frame is too long');
      const other = await t.session();
      equal((await other.stat(t.root)).version, 0, 'version');
    },
  },
  ...((
    [
      ['negative', 'ffffffff', 'of -1'],
      ['smallest', '80000000', 'of -2^31'],
      ['largest', '7fffffff', 'of 2^31-1'],
      ['zero', '00000000', 'of 0'],
      ['word', '72756f6b', 'that is a four-letter word'],
    ] as const
  ).map(([id, hex, what]) => ({
    id: `length-${id}`,
    title: `a length ${what} behind the handshake ends the connection without an answer`,
    source: SOURCE.framing,
    async run(t) {
      const s = await t.session();
      s.connection.sendBytes(Buffer.from(hex, 'hex'));
      // Netty takes it for the beginning of something.
      if (id === 'zero' && t.facts.mayBeNetty) await s.connection.expectNoFrame(`a length ${what}`);
      else await s.connection.expectEnd(`a length ${what}`);
      // The session itself goes on.
      await t.session({ sessionId: s.id, password: s.password });
    },
  })) satisfies AreaCheck[]),
];

type RequestAt = (path: string) => WireRequest;

/** A request of every operation with a body that servers decode as a whole. */
const BODIES: readonly RequestAt[] = [
  (path) => ask.create(`${path}/a`),
  (path) => ask.create2(`${path}/a`),
  (path) => ask.createContainer(`${path}/a`),
  (path) => ask.remove(path, 99),
  (path) => ask.exists(path),
  (path) => ask.getData(path),
  (path) => ask.setData(path, 'w', 99),
  (path) => ask.getAcl(path),
  (path) => ask.setAcl(path, ask.OPEN, 99),
  (path) => ask.getChildren(path),
  (path) => ask.sync(path),
  (path) => ask.getChildren2(path),
  (path) => ask.multi([ask.check(path)]),
  (path) => ask.checkWatches(path, 3),
  (path) => ask.removeWatches(path, 3),
  (path) => ask.multiRead([ask.getData(path)]),
  (path) => ask.setWatches(0n, { data: [path] }),
  (path) => ask.getEphemerals(path),
  (path) => ask.getAllChildrenNumber(path),
  (path) => ask.setWatches2(0n, { data: [path] }),
  (path) => ask.addWatch(path, 0),
];

const TRUNCATED = BODIES.map((request) => {
  const name = operationName(request('/').op);
  return {
    id: `truncated-${name}`,
    title: `${name} that ends early is an error of the request (-5), and the connection goes on`,
    source: SOURCE.framing,
    profiles: APACHE,
    async run(t) {
      if (operationOf(request('/').op)?.access === 'write') t.needAnswersToBrokenWrites();
      const s = await t.session();
      const { op, body } = request(t.root);
      for (const length of [body.length - 1, 3, 0]) {
        await s.refused(ask.raw(op, body.subarray(0, length)), 'MARSHALLINGERROR');
      }
      await s.ok(ask.exists(t.root));
    },
  };
}) satisfies AreaCheck[];

const TRAILING = [ask.exists, ask.getData, ask.getChildren2, ask.sync].map((request) => {
  const name = operationName(request('/').op);
  return {
    id: `trailing-${name}`,
    title: `bytes behind the record of ${name} are ignored`,
    source: SOURCE.framing,
    async run(t) {
      const s = await t.session();
      const { op, body } = request(t.root);
      const plain = await s.ok(ask.raw(op, body));
      const longer = await s.ok(ask.raw(op, Buffer.concat([body, Buffer.alloc(9, 0xff)])));
      equal(longer.body.toString('hex'), plain.body.toString('hex'), 'body');
    },
  };
}) satisfies AreaCheck[];

/** Words in the place of a length or count, and what is asked with them. */
const BAD_WORDS: readonly (readonly [id: string, word: number])[] = [
  ['minus-two', -2],
  ['smallest', -(2 ** 31)],
  ['too-long', 1000],
  ['largest', 2 ** 31 - 1],
];

const LENGTHS = BAD_WORDS.flatMap(([id, word]) => [
  {
    id: `string-${id}`,
    title: `a string of length ${word} is an error of the request (-5), and the connection goes on`,
    source: SOURCE.framing,
    profiles: APACHE,
    async run(t) {
      const s = await t.session();
      const { op, body } = ask.exists(t.root);
      body.writeInt32BE(word);
      await s.refused(ask.raw(op, body), 'MARSHALLINGERROR');
      await s.ok(ask.exists(t.root));
    },
  },
  {
    id: `buffer-${id}`,
    title: `data of length ${word} are an error of the request (-5), and nothing is written`,
    source: SOURCE.framing,
    profiles: APACHE,
    async run(t) {
      t.needAnswersToBrokenWrites();
      const s = await t.session();
      const { op, body } = ask.setData(t.root, 'w');
      body.writeInt32BE(word, 4 + Buffer.byteLength(t.root));
      await s.refused(ask.raw(op, body), 'MARSHALLINGERROR');
      equal((await s.stat(t.root)).version, 0, 'version');
    },
  },
]) satisfies AreaCheck[];

const COUNTS = [1000, 2 ** 31 - 1].map((count) => ({
  id: `count-${count}`,
  title: `a list of ${count} entries that are not there is an error of the request (-5)`,
  source: SOURCE.framing,
  profiles: APACHE,
  async run(t) {
    t.needAnswersToBrokenWrites();
    const s = await t.session();
    const { op, body } = ask.setAcl(t.root, ask.OPEN);
    body.writeInt32BE(count, 4 + Buffer.byteLength(t.root));
    await s.refused(ask.raw(op, body), 'MARSHALLINGERROR');
    equal((await s.stat(t.root)).aversion, 0, 'aversion');
  },
})) satisfies AreaCheck[];

/** Lengths that are too great, too small, or wrong. */
export const LIMIT_CHECKS: readonly ServerCheck[] = area(
  'limit',
  'A request that is not understood would take the connection along, or be taken for another.',
  [...FRAMES, ...TRUNCATED, ...TRAILING, ...LENGTHS, ...COUNTS],
);
