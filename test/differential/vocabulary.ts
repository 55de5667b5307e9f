import { digestId } from '../../tools/zookeeper/index.ts';
import type { Random } from '../simulation/random.ts';
import type { Field } from './step.ts';
import { SUPER_PASSWORD } from './warden.ts';

/** A user of scheme digest whom ACLs name. */
const ALICE = digestId('alice', 'secret');
const BOB = digestId('bob', 'builder');

const NAMES = ['a', 'b', 'c', 'Aa', 'BB'];
const SEQUENCE_STEMS = ['s-', 'é', ''];

/** Paths that servers refuse, or answer in a way of their own. */
const ODD_PATHS: readonly (string | null)[] = [
  '',
  'x',
  '~/',
  '~/a/',
  '~//a',
  '~/./a',
  '~/a/..',
  '~/.hidden',
  '~/a..b',
  '~/\u0000',
  '~/a\u0000b',
  '~/\u001f',
  '~/\u007f',
  '~/\u00a0',
  '~/\ud7ff',
  '~/\uf8ff',
  '~/\uf900',
  '~/\ufff0',
  '~/\u{1f600}',
  '~/é',
  '/',
  '/nowhere',
  '/nowhere/a',
  '/zookeeper',
  '/zookeeper/quota',
  '/zookeeper/config',
  '/zookeeper/x/y',
  `~/${'long'.repeat(60)}`,
  null,
];

/** Names that are not UTF-8, in hex: Java replaces what it cannot read. */
const NO_TEXTS = ['ff', '61ff62', 'c3', 'e28261', 'f09f98', 'eda0bdedb880', 'c080', '80'];

/** Permissions: mostly all, or nearly all. */
const PERMS = [31, 31, 31, 1, 3, 15, 30, 29, 27, 16, 0, -1, 0x40, 0x7fffffff];

/** One entry of an ACL: scheme and id. */
const IDS: readonly (readonly [string | null, string | null])[] = [
  ['world', 'anyone'],
  ['world', 'anyone'],
  ['world', 'anyone'],
  ['auth', ''],
  ['auth', 'whatever'],
  ['digest', ALICE],
  ['digest', BOB],
  ['digest', 'alice'],
  ['digest', 'a:b:c'],
  ['digest', ''],
  ['ip', '127.0.0.1'],
  ['ip', '127.0.0.0/8'],
  ['ip', '10.0.0.0/8'],
  ['ip', '127.0.0.1/33'],
  ['ip', '127.0.0.1/x'],
  ['ip', '127.0.0'],
  ['ip', '::1'],
  ['ip', ''],
  ['super', 'x'],
  ['world', 'someone'],
  ['x509', 'CN=nobody'],
  ['sasl', 'bob'],
  ['', ''],
  ['nosuch', 'scheme'],
  [null, 'anyone'],
  ['world', null],
  ['ip', null],
  [null, null],
];

/** Credentials of scheme digest. */
const LOGINS = ['alice:secret', 'alice:secret', 'bob:builder', 'alice:wrong', 'nocolon', ':', ''];

/** Values of the fields of requests, drawn so that requests meet. */
export class Vocabulary {
  readonly #random: Random;
  /** Odd values come so often. */
  readonly #oddness: number;

  constructor(random: Random, oddness: number) {
    this.#random = random;
    this.#oddness = oddness;
  }

  get random(): Random {
    return this.#random;
  }

  odd(): boolean {
    return this.#random.chance(this.#oddness);
  }

  /** A path that may well be there. */
  path(): string | null {
    const random = this.#random;
    if (this.odd()) return random.pick(ODD_PATHS);
    const depth = random.pick([0, 1, 1, 1, 1, 1, 2, 2, 2, 3]);
    return `~${Array.from({ length: depth }, () => `/${this.#name()}`).join('')}`;
  }

  /** The same as it is written: now and then no text at all. */
  pathField(): Field {
    if (this.#random.chance(this.#oddness / 8)) return ['r', this.#random.pick(NO_TEXTS)];
    return ['s', this.path()];
  }

  /** A path for a new node. */
  newPath(): Field {
    const path = this.pathField();
    return path[1] === '~' ? ['s', `~/${this.#name()}`] : path;
  }

  /** The beginning of the name of a sequential node. */
  sequencePath(): Field {
    if (this.odd()) return ['s', this.#random.pick(ODD_PATHS.filter((path) => path !== '/'))];
    return ['s', `${this.parent()}/${this.#random.pick(SEQUENCE_STEMS)}`];
  }

  /** A path that is likely to have children. */
  parent(): string {
    return this.#random.pick(['~', '~', '~/a', '~/b']);
  }

  #name(): string {
    const random = this.#random;
    if (!random.chance(0.12)) return random.pick(NAMES);
    return `${random.pick(SEQUENCE_STEMS)}000000000${random.int(0, 6)}`;
  }

  data(): Field {
    const random = this.#random;
    const kind = random.int(0, 11);
    if (kind === 0) return ['d', null];
    if (kind === 1) return ['d', ''];
    if (kind === 2) return ['f', random.pick([100, 1_000, 20_000])];
    return ['d', random.pick(['one', 'two', 'three', 'é', 'a longer text with blanks'])];
  }

  version(): Field {
    const random = this.#random;
    if (random.chance(0.5)) return ['i', -1];
    return ['i', random.pick([0, 0, 0, 1, 1, 2, 3, 7, -2, 2 ** 31 - 1, -(2 ** 31)])];
  }

  acl(): readonly Field[] {
    const random = this.#random;
    if (!this.odd() && random.chance(0.85)) return aclFields([[31, 'world', 'anyone']]);
    const kind = random.int(0, 19);
    if (kind === 0) return [['n', 0]];
    if (kind === 1) return [['n', -1]];
    const entries = Array.from({ length: random.pick([1, 1, 1, 2, 2, 3]) }, () => {
      const ids = this.odd() ? IDS : IDS.slice(0, 8);
      const [scheme, id] = random.pick(ids);
      return [random.pick(PERMS), scheme, id] as const;
    });
    return aclFields(random.chance(0.1) ? [...entries, entries[0]!] : entries);
  }

  login(): string {
    return this.#random.chance(0.15) ? SUPER_PASSWORD : this.#random.pick(LOGINS);
  }

  /** Paths for setWatches; `whole`: none of them null. */
  paths(whole: boolean): readonly Field[] {
    const count = this.#random.pick([0, 0, 1, 1, 2, 3]);
    if (this.#random.chance(this.#oddness / 4)) return [['n', -1]];
    const paths = Array.from({ length: count }, (): Field => {
      const path = this.path();
      return ['s', path === null && whole ? '' : path];
    });
    return [['n', count], ...paths];
  }

  /** A zxid of the recent past, now and then of the future. */
  zxid(): Field {
    const random = this.#random;
    if (random.chance(0.1)) return ['l', random.pick(['0', '-1', '9223372036854775807'])];
    return ['z', -random.int(-2, 30)];
  }
}

function aclFields(
  entries: readonly (readonly [number, string | null, string | null])[],
): readonly Field[] {
  const fields = entries.flatMap(([perms, scheme, id]): Field[] => [
    ['i', perms],
    ['s', scheme],
    ['s', id],
  ]);
  return [['n', entries.length], ...fields];
}
