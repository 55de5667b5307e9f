import type { RandomSource } from '../../conformance/random-source.ts';
import * as bytes from './attack-bytes.ts';
import type { Attacker } from './attacker.ts';
import { HEAVY_ATTACKS } from './heavy-attacks.ts';

/** What attacks know of the place. */
export interface Surroundings {
  /** Sessions of clients that do no harm. */
  readonly victims: readonly bigint[];
  /** Golden packets of clients, changed at random. */
  readonly mutants: readonly Buffer[];
  /** A znode of 100 KiB. */
  readonly largePath: string;
}

/** One way to be a bad client. What it sends depends on `random` alone. */
export interface Attack {
  readonly name: string;
  /** Share of all attackers: how many in 10,000. */
  readonly share: number;
  run(attacker: Attacker, random: RandomSource, surroundings: Surroundings): Promise<void>;
}

/** How long a server is given to answer what it should refuse. */
const ANSWER_MS = 30;

const LENGTHS: readonly number[] = [
  ...[-1, -2, -0x8000_0000, 0, 1, 3, 7, 0xfffff, 0x100000, 0x7fff_ffff, 0x1603_0100],
];

const GREETINGS: readonly string[] = [
  ...['GET / HTTP/1.1\r\nHost: zk\r\n\r\n', 'quit\r\n', '\r\n\r\n', 'SSH-2.0-OpenSSH_9\r\n'],
  ...['ruok', 'srvr', 'mntr', 'cons', 'dump', 'wchc', 'wchp', 'crst', 'stmk12345678', 'kill'],
  ...['envi\n', 'conf\0', 'isro', 'xxxx', '\xff\xfb\x1f\xff\xfb\x20', 'EHLO zk\r\n'],
];

/** The start of what a TLS client says first. */
const CLIENT_HELLO: Buffer = Buffer.from(
  `16030100c8010000c403033f${'a5'.repeat(150)}0000000c000a00000764656661756c74`,
  'hex',
);

function noise(random: RandomSource, bytesMax: number): Buffer {
  return Buffer.from(Array.from({ length: 1 + random(bytesMax) }, () => random(256)));
}

function oneOf<T>(random: RandomSource, list: readonly T[]): T {
  return list[random(list.length)] as T;
}

const LIGHT_ATTACKS: readonly Attack[] = [
  {
    name: 'noise instead of a handshake',
    share: 1_200,
    async run(attacker, random) {
      attacker.send(noise(random, 600));
      await attacker.ended(ANSWER_MS);
    },
  },
  {
    name: 'a golden of another kind instead of a handshake',
    share: 700,
    async run(attacker, random, { mutants }) {
      attacker.send(oneOf(random, mutants));
      await attacker.ended(ANSWER_MS);
    },
  },
  {
    name: 'a frame length that no frame has',
    share: 800,
    async run(attacker, random) {
      if (random(2) === 0) await attacker.greet();
      attacker.send(Buffer.concat([bytes.int(oneOf(random, LENGTHS)), noise(random, 40)]));
      await attacker.ended(ANSWER_MS);
    },
  },
  {
    name: 'noise in frames',
    share: 700,
    async run(attacker, random) {
      await attacker.greet();
      for (let count = random(20); count >= 0; count--)
        attacker.send(bytes.frame(noise(random, 80)));
      await attacker.ended(ANSWER_MS);
    },
  },
  {
    name: 'goldens with errors',
    share: 2_800,
    async run(attacker, random, { mutants }) {
      await attacker.greet();
      for (let count = random(30); count >= 0; count--) attacker.send(oneOf(random, mutants));
      await attacker.heard(ANSWER_MS);
    },
  },
  {
    name: 'half a frame, then silence',
    share: 400,
    async run(attacker, random, { mutants }) {
      if (random(2) === 0) await attacker.greet();
      const whole = oneOf(random, mutants);
      attacker.send(whole.subarray(0, 1 + random(whole.length)));
      await attacker.ended(random(200));
    },
  },
  {
    name: 'half a frame, then half a connection',
    share: 400,
    async run(attacker, random, { mutants }) {
      if (random(2) === 0) await attacker.greet();
      const whole = oneOf(random, mutants);
      attacker.send(whole.subarray(0, random(whole.length)));
      attacker.endHalf();
      await attacker.ended(ANSWER_MS);
    },
  },
  {
    name: 'one byte at a time',
    share: 100,
    async run(attacker, random) {
      const all = Buffer.concat([
        bytes.connectRequest(),
        bytes.request(1, 4, bytes.lengthed('/'), Buffer.from([1])),
      ]);
      for (let at = 0; at < all.length && !attacker.isOver; at++) {
        attacker.send(all.subarray(at, at + 1));
        await attacker.ended(1 + random(3));
      }
    },
  },
  {
    name: 'connected and reset',
    share: 1_000,
    async run(attacker, random) {
      if (random(3) === 0) attacker.send(bytes.connectRequest().subarray(0, random(50)));
      if (random(3) === 0) await attacker.ended(random(4));
      attacker.reset();
    },
  },
  {
    name: 'served and reset',
    share: 500,
    async run(attacker, random) {
      await attacker.greet();
      const request = bytes.request(
        1,
        1,
        bytes.lengthed('/e'),
        bytes.lengthed(''),
        bytes.OPEN_ACL,
        bytes.int(3),
      );
      for (let count = random(50); count >= 0; count--) attacker.send(request);
      attacker.reset();
    },
  },
  {
    name: "somebody else's session with a wrong password",
    share: 500,
    async run(attacker, random, { victims }) {
      const password = oneOf(random, [
        null,
        noise(random, 15),
        noise(random, 16),
        Buffer.alloc(16),
      ]);
      const granted = await attacker.greet({ sessionId: oneOf(random, victims), password });
      if (granted) throw new Error('a session went to somebody without its password');
      await attacker.ended(ANSWER_MS);
    },
  },
  {
    name: 'a handshake that asks for nonsense',
    share: 200,
    async run(attacker, random) {
      const numbers = [0n, 1n, -1n, 0x7fff_ffff_ffff_ffffn, -0x8000_0000_0000_0000n];
      await attacker.greet({
        sessionId: oneOf(random, numbers),
        lastZxidSeen: oneOf(random, numbers),
        timeoutMs: oneOf(random, LENGTHS),
      });
    },
  },
  {
    name: 'words, telnet, HTTP',
    share: 300,
    async run(attacker, random) {
      attacker.send(Buffer.from(oneOf(random, GREETINGS), 'latin1'));
      if (random(2) === 0) attacker.send(noise(random, 20));
      await attacker.ended(ANSWER_MS);
    },
  },
  {
    name: 'TLS on the plain port',
    share: 100,
    async run(attacker) {
      attacker.send(CLIENT_HELLO);
      await attacker.ended(ANSWER_MS);
    },
  },
  {
    name: 'the two requests that real servers do not survive',
    share: 100,
    async run(attacker, random) {
      await attacker.greet();
      const path = bytes.lengthed(oneOf(random, ['/', '/nobody', '', '/zookeeper']));
      attacker.send(bytes.request(1, 13, path, bytes.int(-1)));
      const create = [bytes.lengthed('/t'), bytes.lengthed('x'), bytes.OPEN_ACL];
      attacker.send(bytes.request(2, 21, ...create, bytes.int(random(5)), bytes.long(1_000n)));
      await attacker.ended(ANSWER_MS);
    },
  },
];

/** All of them. */
export const ATTACKS: readonly Attack[] = [...LIGHT_ATTACKS, ...HEAVY_ATTACKS];
