import type { ACL } from '../../../src/codec/index.ts';
import type { WriteRequest } from '../../../src/server/requests/prepare.ts';
import { type RandomSource, randomSource } from '../../conformance/random-source.ts';
import type { User } from '../../unit/server/requests/write-cases.ts';
import {
  check,
  create,
  create2,
  createContainer,
  createTtl,
  deleteContainer,
  entry,
  FLAG,
  getData,
  type MultiStep,
  multi,
  OPEN,
  OWN,
  remove,
  setAcl,
  setData,
} from '../../unit/server/requests/write-requests.ts';

/** Names of nodes on three levels, now and then a path that is none. */
const NAMES = ['a', 'b', 'c'];
const ODD_PATHS = [
  null,
  '',
  '/',
  '//',
  'a',
  '/a/',
  '/a//b',
  '/a/.',
  '/a/b\0',
  '/a/\u0001',
  '/zookeeper',
  '/zookeeper/config',
];
const USERS: readonly User[] = ['anon', 'anon', 'alice', 'many', 'super'];
const ODD_ACLS: readonly (ACL[] | null)[] = [
  null,
  [],
  [entry(31, 'digest', null)],
  [entry(31, 'foo', 'bar')],
  [entry(31, 'ip', '300.0.0.1')],
];
const NARROW_ACLS: readonly ACL[][] = [
  [entry(31, 'ip', '127.0.0.0/8')],
  [entry(1, 'world', 'anyone'), entry(31, 'auth', '')],
  [entry(13, 'world', 'anyone'), entry(13, 'world', 'anyone')],
  [entry(3, 'world', 'anyone'), entry(12, 'auth', 'x')],
];

/** Writes of all kinds on a few paths, so that they meet. The same ones for the same seed. */
export class RandomWrites {
  readonly #random: RandomSource;
  /** Everything is below it, so that other tests of the same server are not met. */
  readonly #root: string;

  constructor(seed: number, root: string) {
    this.#random = randomSource(seed);
    this.#root = root;
  }

  next(): [user: User, request: WriteRequest] {
    return [this.#oneOf(USERS), this.#request()];
  }

  #request(): WriteRequest {
    const kind = this.#random(24);
    if (kind < 6) return multi(...this.#steps());
    if (kind < 9) return setAcl(this.#path(), this.#acl(), this.#version());
    if (kind === 9) return deleteContainer;
    const step = this.#step();
    // On its own a check is one of the requests that servers do not survive.
    return 'flags' in step || 'data' in step ? step : remove(this.#path(), this.#version());
  }

  #steps(): MultiStep[] {
    const steps = Array.from({ length: this.#random(5) }, () =>
      this.#random(6) === 0 ? check(this.#path(), this.#version()) : this.#step(),
    );
    if (this.#random(40) === 0) steps.push(getData('/') as never);
    return steps;
  }

  #step() {
    switch (this.#random(10)) {
      case 0:
      case 1:
        return setData(this.#path(), this.#version());
      case 2:
      case 3:
        return remove(this.#path(), this.#version());
      case 4:
        return createTtl(this.#path(), BigInt(this.#random(4) * 3_600_000), {
          flags: this.#oneOf([FLAG.ttl, FLAG.ttlSequential]),
          acl: this.#acl(),
        });
      default:
        return this.#create();
    }
  }

  #create() {
    const make = this.#oneOf([create, create, create2, createContainer]);
    // A flag of 7 is none.
    const flags = this.#random(3) > 0 ? FLAG.plain : this.#random(8);
    return make(this.#path(), { flags, acl: this.#acl() });
  }

  #path(): string | null {
    if (this.#random(25) === 0) return this.#oneOf(ODD_PATHS);
    let path = this.#root;
    for (let depth = this.#random(3); depth >= 0; depth--) path += `/${this.#oneOf(NAMES)}`;
    return path;
  }

  #acl(): ACL[] | null {
    const kind = this.#random(20);
    if (kind === 0) return this.#oneOf(ODD_ACLS);
    if (kind === 1) return OWN;
    return kind < 4 ? this.#oneOf(NARROW_ACLS) : OPEN;
  }

  #version(): number {
    return this.#random(3) > 0 ? -1 : this.#random(3);
  }

  #oneOf<T>(items: readonly T[]): T {
    return items[this.#random(items.length)] as T;
  }
}
