import type { Random } from '../simulation/random.ts';
import {
  COMMON_IDS,
  LOGINS,
  NO_TEXTS,
  ODD_IDS,
  ODD_LOGINS,
  ODD_PATHS,
  ODD_VERSIONS,
  PERMS,
} from './odd-values.ts';
import type { Field } from './step.ts';
import { SUPER_PASSWORD } from './warden.ts';

const NAMES = ['a', 'b', 'c', 'Aa', 'BB'];
const SEQUENCE_STEMS = ['s-', 'é', ''];

const ODD_ZXIDS = ['0', '-1', '4294967296', '9223372036854775807', '-9223372036854775808'];

/** Values of the fields of requests, drawn so that requests meet. */
export class Vocabulary {
  readonly #random: Random;
  /** Odd values come so often. */
  readonly #oddness: number;
  /** ACLs that do not let everybody do everything come so often. */
  readonly #strictness: number;

  constructor(random: Random, oddness: number, strictness: number) {
    this.#random = random;
    this.#oddness = oddness;
    this.#strictness = strictness;
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
    if (kind === 2) return ['f', random.pick([1, 100, 100, 1_000, 1_000, 20_000, 65_536])];
    if (kind === 3 && this.odd()) return ['x', random.pick(NO_TEXTS)];
    return ['d', random.pick(['one', 'two', 'three', 'é', 'a longer text with blanks'])];
  }

  version(): Field {
    const random = this.#random;
    if (random.chance(0.5)) return ['i', -1];
    return ['i', random.pick(random.chance(0.8) ? [0, 0, 0, 1, 1, 2, 3] : ODD_VERSIONS)];
  }

  acl(): readonly Field[] {
    const random = this.#random;
    if (!this.odd() && !random.chance(this.#strictness)) {
      return aclFields([[31, 'world', 'anyone']]);
    }
    const kind = random.int(0, 39);
    if (kind === 0) return [['n', 0]];
    if (kind === 1) return [['n', -1]];
    if (kind === 2 && this.odd()) return [['n', random.pick([-2, -(2 ** 31)])]];
    const length = random.chance(0.02) ? random.int(10, 40) : random.pick([1, 1, 1, 2, 2, 3]);
    const entries = Array.from({ length }, () => {
      const [scheme, id] = random.pick(this.odd() ? ODD_IDS : COMMON_IDS);
      return [random.pick(PERMS), scheme, id] as const;
    });
    return aclFields(random.chance(0.1) ? [...entries, entries[0]!] : entries);
  }

  /** Credentials of scheme digest. */
  login(): Field {
    const random = this.#random;
    if (random.chance(0.15)) return ['d', SUPER_PASSWORD];
    if (!this.odd()) return ['d', random.pick(LOGINS)];
    return random.chance(0.3) ? ['x', random.pick(NO_TEXTS)] : ['d', random.pick(ODD_LOGINS)];
  }

  /** What is true or false, now and then as another byte than 1. */
  truth(likelihood: number): Field {
    const isTrue = this.#random.chance(likelihood);
    return isTrue && this.odd() ? ['b', this.#random.pick([2, 0x7f, 0x80, 0xff])] : ['t', isTrue];
  }

  /** Paths for setWatches; `whole`: none of them null. */
  paths(whole: boolean): readonly Field[] {
    const count = this.#random.chance(0.02) ? 40 : this.#random.pick([0, 0, 1, 1, 2, 3]);
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
    if (random.chance(0.1)) return ['l', random.pick(ODD_ZXIDS)];
    return ['z', -random.int(-3, 30)];
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
