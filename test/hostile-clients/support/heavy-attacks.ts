import { setTimeout as pause } from 'node:timers/promises';
import * as bytes from './attack-bytes.ts';
import type { Attack } from './attacks.ts';

/** Those that cost a server memory or time: few of them, many at a time. Frames stay below a megabyte. */

const FRAME_BYTES = 1_000_000;
/** How long they stay when they are done. */
const STAY_MS = 250;

const MULTI = 14;
const MULTI_READ = 22;

/** As often as it fits into one frame. */
function filling(part: Buffer): Buffer {
  const count = Math.floor(FRAME_BYTES / part.length);
  return Buffer.alloc(count * part.length, part);
}

function paths(count: number, prefix: string): Buffer {
  const list = Array.from({ length: count }, (_, index) =>
    bytes.lengthed(prefix + index.toString(36)),
  );
  return Buffer.concat([bytes.int(count), ...list]);
}

const NO_PATHS: Buffer = bytes.int(0);

export const HEAVY_ATTACKS: readonly Attack[] = [
  {
    name: 'a megabyte announced and little of it sent',
    share: 40,
    async run(attacker, random) {
      if (random(2) === 0) await attacker.greet();
      attacker.send(Buffer.concat([bytes.int(0xffff0), Buffer.alloc(random(3) * 9_000)]));
      await attacker.ended(STAY_MS);
    },
  },
  {
    name: 'requests without end, and no answer read',
    share: 12,
    async run(attacker, _random, { largePath }) {
      await attacker.greet();
      attacker.stopReading();
      const requests = filling(bytes.request(1, 4, bytes.lengthed(largePath), Buffer.from([0])));
      await attacker.push(requests, STAY_MS);
    },
  },
  {
    name: 'a multiRead that asks for gigabytes',
    share: 4,
    async run(attacker, random, { largePath }) {
      await attacker.greet();
      if (random(2) === 0) attacker.stopReading();
      const read = bytes.operation(4, bytes.lengthed(largePath), Buffer.from([0]));
      await attacker.push(bytes.request(1, MULTI_READ, filling(read), bytes.END_OF_MULTI), STAY_MS);
      await pause(STAY_MS);
    },
  },
  {
    name: 'a multi of thousands whose last step fails',
    share: 4,
    async run(attacker) {
      await attacker.greet();
      const create = [bytes.lengthed('/bomb-'), bytes.lengthed(''), bytes.OPEN_ACL, bytes.int(2)];
      const failing = bytes.operation(2, bytes.lengthed('/nobody'), bytes.int(-1));
      const steps = [filling(bytes.operation(1, ...create)), failing];
      await attacker.push(bytes.request(1, MULTI, ...steps, bytes.END_OF_MULTI), STAY_MS);
      await attacker.heard(STAY_MS);
    },
  },
  {
    name: 'multis in multis',
    share: 20,
    async run(attacker, random) {
      await attacker.greet();
      const op = random(2) === 0 ? MULTI : MULTI_READ;
      attacker.send(bytes.request(1, op, filling(bytes.operation(op)), bytes.END_OF_MULTI));
      await attacker.heard(STAY_MS);
    },
  },
  {
    name: 'setWatches of 100,000 paths',
    share: 5,
    async run(attacker, random) {
      await attacker.greet();
      const lists = Array.from({ length: 5 }, () => NO_PATHS);
      lists[random(5)] = paths(100_000, '/');
      await attacker.push(bytes.request(-8, 105, bytes.long(0n), ...lists), STAY_MS);
      await attacker.heard(STAY_MS);
    },
  },
  {
    name: 'recursive watches of a deep tree, and changes in it',
    share: 20,
    async run(attacker, random) {
      await attacker.greet();
      const parts: Buffer[] = [];
      for (let depth = 1; depth <= 200; depth++) {
        const path = bytes.lengthed('/d'.repeat(depth));
        parts.push(bytes.request(depth, 106, path, bytes.int(1)));
        parts.push(
          bytes.request(depth, 1, path, bytes.lengthed('x'), bytes.OPEN_ACL, bytes.int(0)),
        );
      }
      const deepest = bytes.lengthed('/d'.repeat(1 + random(200)));
      const change = bytes.request(1, 5, deepest, bytes.lengthed('y'), bytes.int(-1));
      parts.push(Buffer.alloc(change.length * 200, change));
      await attacker.push(Buffer.concat(parts), STAY_MS);
    },
  },
  {
    name: 'a path of a hundred thousand steps',
    share: 20,
    async run(attacker, random) {
      await attacker.greet();
      const path = bytes.lengthed('/d'.repeat(1 + random(100_000)));
      attacker.send(bytes.request(1, 106, path, bytes.int(1)));
      attacker.send(bytes.request(2, 3, path, Buffer.from([1])));
      attacker.send(bytes.request(3, 1, path, bytes.lengthed('x'), bytes.OPEN_ACL, bytes.int(0)));
      await attacker.heard(STAY_MS);
    },
  },
  {
    name: 'credentials without end',
    share: 20,
    async run(attacker, random) {
      await attacker.greet();
      const parts = Array.from({ length: 3_000 }, (_, index) => {
        const credential = bytes.lengthed(`user-${random(1_000)}:${index}`);
        return bytes.request(-4, 100, bytes.int(0), bytes.lengthed('digest'), credential);
      });
      await attacker.push(Buffer.concat(parts), STAY_MS);
      attacker.send(bytes.request(2, 107));
      await attacker.ended(STAY_MS);
    },
  },
  {
    name: 'an ACL of 30,000 entries',
    share: 6,
    async run(attacker, random) {
      await attacker.greet();
      const entries = Array.from({ length: 30_000 }, (_, index) =>
        Buffer.concat([
          bytes.int(random(32)),
          bytes.lengthed('ip'),
          bytes.lengthed(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`),
        ]),
      );
      const acl = Buffer.concat([bytes.int(entries.length), ...entries]);
      const create = [bytes.lengthed('/acl-'), bytes.lengthed('x'), acl, bytes.int(3)];
      await attacker.push(bytes.request(1, 1, ...create), STAY_MS);
      await attacker.heard(STAY_MS);
    },
  },
  {
    name: 'counts that promise more than there is',
    share: 49,
    async run(attacker, random) {
      await attacker.greet();
      const count = bytes.int([0x7fff_ffff, -1, -2, 0x0fff_ffff][random(4)] as number);
      const path = bytes.lengthed('/');
      attacker.send(bytes.request(1, 105, bytes.long(0n), count, path));
      attacker.send(bytes.request(2, 7, path, count, bytes.int(31)));
      attacker.send(bytes.request(3, 5, path, count));
      await attacker.heard(STAY_MS);
    },
  },
];
