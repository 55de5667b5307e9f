import type { ACL } from '../../codec/index.ts';

/** Everybody may do everything. What znodes that came with the server have. */
export const OPEN_ACL_UNSAFE: readonly ACL[] = [
  { perms: 31, id: { scheme: 'world', id: 'anyone' } },
];
/** Everybody may read. */
export const READ_ACL_UNSAFE: readonly ACL[] = [
  { perms: 1, id: { scheme: 'world', id: 'anyone' } },
];

/** Number that stands for {@link OPEN_ACL_UNSAFE} in every snapshot; it is in no snapshot's table. */
export const OPEN_ACL_ID = -1;

interface Entry {
  readonly id: number;
  readonly key: string;
  readonly acl: readonly ACL[];
  uses: number;
}

/**
 * The ACLs of a tree, each kept once: a million znodes have a handful of them. Each has a number,
 * by which snapshots name it, while a znode uses it.
 */
export class AclTable {
  readonly #byKey = new Map<string, Entry>();
  readonly #byList = new Map<readonly ACL[], Entry>();
  #lastId = 0;

  /** How many different ACLs are in use, {@link OPEN_ACL_UNSAFE} not counted. */
  get size(): number {
    return this.#byKey.size;
  }

  /** One more znode has `acl`. Returns the array that stands for all lists equal to it. */
  retain(acl: readonly ACL[]): readonly ACL[] {
    if (isOpen(acl)) return OPEN_ACL_UNSAFE;
    const entry = this.#byList.get(acl) ?? this.#entryOf(acl);
    entry.uses++;
    return entry.acl;
  }

  /** One znode less has `acl`, which `retain` gave. */
  release(acl: readonly ACL[]): void {
    const entry = this.#byList.get(acl);
    if (entry === undefined || --entry.uses > 0) return;
    this.#byKey.delete(entry.key);
    this.#byList.delete(acl);
  }

  /** Number of `acl`, which `retain` gave. */
  idOf(acl: readonly ACL[]): number {
    return this.#byList.get(acl)?.id ?? OPEN_ACL_ID;
  }

  /** Numbers and lists of all that are in use now, {@link OPEN_ACL_UNSAFE} left out. */
  entries(): [id: number, acl: readonly ACL[]][] {
    return [...this.#byKey.values()].map((entry) => [entry.id, entry.acl]);
  }

  clear(): void {
    this.#byKey.clear();
    this.#byList.clear();
    this.#lastId = 0;
  }

  #entryOf(acl: readonly ACL[]): Entry {
    const key = JSON.stringify(acl.map(({ perms, id }) => [perms, id.scheme, id.id]));
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const entry = { id: ++this.#lastId, key, acl, uses: 0 };
    this.#byKey.set(key, entry);
    this.#byList.set(acl, entry);
    return entry;
  }
}

function isOpen(acl: readonly ACL[]): boolean {
  if (acl === OPEN_ACL_UNSAFE) return true;
  if (acl.length !== 1) return false;
  const { perms, id } = acl[0]!;
  return perms === 31 && id.id === 'anyone' && id.scheme === 'world';
}
