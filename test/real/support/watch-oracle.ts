import { expect } from 'vitest';
import type { Stat, Watch, WatchEvent, ZooKeeperClient } from '../../../src/client/index.ts';
import type { RandomSource } from '../../conformance/random-source.ts';

type Kind = 'data' | 'exist' | 'child' | 'persistent' | 'recursive';
type Mutation = 'NodeCreated' | 'NodeDeleted' | 'NodeDataChanged';

/** What one watch was set for and what it has heard. */
interface Registration {
  readonly name: string;
  readonly path: string;
  /** Known once the request is answered; null: no watch was left. */
  kind: Kind | null;
  /** What the reply told of the node. */
  stat: Stat | null;
  watch: Watch | null;
  readonly heard: WatchEvent[];
}

/**
 * Sets and ends watches at random, lets another client change the nodes, and knows who has to hear
 * what: exactly, while nothing else goes on, and whether anybody missed a change, when all goes on at once.
 */
export class WatchOracle {
  readonly #watcher: ZooKeeperClient;
  readonly #mutator: ZooKeeperClient;
  readonly #random: RandomSource;
  readonly #paths: readonly string[];
  readonly #registrations = new Set<Registration>();
  readonly #existing = new Set<string>();
  #count = 0;
  /** What was done, for a failure's message. */
  readonly story: string[] = [];

  constructor(
    watcher: ZooKeeperClient,
    mutator: ZooKeeperClient,
    random: RandomSource,
    base: string,
  ) {
    this.#watcher = watcher;
    this.#mutator = mutator;
    this.#random = random;
    this.#paths = ['', '/a', '/a/x', '/a/y', '/b'].map((end) => base + end);
  }

  async start(): Promise<void> {
    await this.#mutator.create(this.#paths[0]!);
    this.#existing.add(this.#paths[0]!);
  }

  /** Something happens. */
  async step(loseConnection: () => Promise<void>): Promise<void> {
    const what = this.#random(8);
    if (what < 3) await this.#watchCalmly();
    else if (what < 6) await this.#mutateCalmly();
    else await this.#race(what === 6 ? () => Promise.resolve() : loseConnection);
  }

  /** Sets and ends watches, all requests at once, while nobody changes anything. */
  async #watchCalmly(): Promise<void> {
    await this.#together(Array.from({ length: 1 + this.#random(4) }, () => this.#operate()));
    await this.#flush();
    this.#dropEnded();
    for (const { name, heard } of this.#registrations) expect([name, heard]).toEqual([name, []]);
  }

  /** One change, and everybody hears exactly what it means to him. */
  async #mutateCalmly(): Promise<void> {
    const before = [...this.#registrations];
    const [type, path] = this.#draw();
    const expected = new Map(before.map((each) => [each, [...eventsOf(each, type, path)]]));
    await this.#mutate(type, path);
    await this.#flush();
    for (const each of before) {
      const heard = each.heard.splice(0).map(({ type: t, path: p }) => `${t} ${p}`);
      const isLasting = each.kind === 'persistent' || each.kind === 'recursive';
      const once = heard.filter((event, index) => !isLasting || event !== heard[index - 1]);
      expect([each.name, once]).toEqual([each.name, expected.get(each)]);
      if (!isLasting && once.length > 0) this.#registrations.delete(each);
    }
  }

  /** Watches are set and ended while nodes change: nobody misses a change for good. */
  async #race(meanwhile: () => Promise<void>): Promise<void> {
    const standing = [...this.#registrations].filter((each) => each.watch !== null);
    const told: [Mutation, string][] = [];
    const operations = Array.from({ length: 1 + this.#random(5) }, () => this.#operate());
    const changes = (async () => {
      for (let n = this.#random(4); n >= 0; n--) {
        const change = this.#draw();
        told.push(change);
        await this.#mutate(...change);
      }
    })();
    const gap = meanwhile();
    await this.#together(operations);
    await changes;
    await gap;
    await this.#flush();
    this.#dropEnded();
    for (const each of standing) {
      const { heard } = each;
      if (!this.#registrations.has(each) || heard.some((event) => event.type === 'Resync'))
        continue;
      const expected = told.flatMap(([type, path]) => [...eventsOf(each, type, path)]);
      expect([each.name, missing(heard, expected)]).toEqual([each.name, []]);
    }
    await this.#settleOneShots();
    for (const each of this.#registrations) each.heard.length = 0;
  }

  /** Every one-shot watch has fired, or its node is as it was when the watch was set. */
  async #settleOneShots(): Promise<void> {
    for (const each of this.#registrations) {
      if (each.watch !== null) continue;
      if (each.heard.length > 0) {
        expect([each.name, each.heard.length]).toEqual([each.name, 1]);
        this.#registrations.delete(each);
        continue;
      }
      const now = await this.#mutator.exists(each.path);
      expect([each.name, identityOf(each.kind!, now)]).toEqual([
        each.name,
        identityOf(each.kind!, each.stat),
      ]);
    }
  }

  /** Everything ends; nobody hears anything afterwards. */
  async finish(): Promise<void> {
    const open = [...this.#registrations]
      .map((each) => each.watch)
      .filter((watch) => watch !== null);
    await Promise.all(open.map((watch) => watch.close()));
    await this.#flush();
    this.#dropEnded();
    await this.#settleOneShots();
    for (const { name, watch } of this.#registrations) expect([name, watch]).toEqual([name, null]);
    for (const path of this.#paths) {
      await this.#watcher
        .removeWatches(path)
        .catch((error) => expect(error.code).toBe('NOWATCHER'));
    }
    this.#dropEnded();
    expect([...this.#registrations]).toEqual([]);
  }

  async #together(operations: readonly Promise<void>[]): Promise<void> {
    const results = await Promise.allSettled(operations);
    for (const result of results) {
      const { code } = result.status === 'rejected' ? result.reason : { code: 'NONODE' };
      if (!['NONODE', 'NOWATCHER', 'CONNECTION_LOSS'].includes(code))
        throw (result as { reason: unknown }).reason;
    }
  }

  /** What the watcher is told is told by now. */
  async #flush(): Promise<void> {
    await this.#watcher.sync('/');
    await this.#watcher.exists('/');
  }

  #operate(): Promise<void> {
    const path = this.#paths[this.#random(this.#paths.length)]!;
    const open = [...this.#registrations].filter((each) => each.watch !== null);
    switch (this.#random(9)) {
      case 0:
        return this.#read('data', path, (watch) => this.#watcher.get(path, { watch }));
      case 1:
        return this.#read('exists', path, async (watch) => ({
          stat: await this.#watcher.exists(path, { watch }),
        }));
      case 2:
        return this.#read('child', path, (watch) =>
          this.#watcher.getChildren(path, { watch, withStat: true }),
        );
      case 3:
        return this.#open('persistent', path);
      case 4:
        return this.#open('recursive', path);
      case 5:
        return this.#remove(path);
      default:
        if (open.length > 0) return this.#close(open[this.#random(open.length)]!);
        return this.#read('exists', path, async (watch) => ({
          stat: await this.#watcher.exists(path, { watch }),
        }));
    }
  }

  async #read(
    how: 'data' | 'exists' | 'child',
    path: string,
    call: (listener: (event: WatchEvent) => void) => Promise<{ stat: Stat | null }>,
  ): Promise<void> {
    const each = this.#registration(how, path);
    const { stat } = await call((event) => each.heard.push(event));
    each.stat = stat;
    if (how === 'exists') each.kind = stat === null ? 'exist' : 'data';
    else each.kind = how;
    this.#registrations.add(each);
  }

  async #open(kind: 'persistent' | 'recursive', path: string): Promise<void> {
    const each = this.#registration(kind, path);
    each.kind = kind;
    each.watch = await this.#watcher.watch(path, {
      recursive: kind === 'recursive',
      listener: (event) => {
        each.heard.push(event);
      },
    });
    this.#registrations.add(each);
  }

  async #close(each: Registration): Promise<void> {
    this.story.push(`close ${each.name}`);
    this.#registrations.delete(each);
    await each.watch!.close();
    expect([each.name, each.heard.at(-1)?.type]).toEqual([each.name, 'Ended']);
  }

  /** Asks for the removal of what was set before. */
  async #remove(path: string): Promise<void> {
    const selection = (['any', 'data', 'child', 'persistent', 'recursive'] as const)[
      this.#random(5)
    ]!;
    this.story.push(`remove ${selection} ${path}`);
    const gone = [...this.#registrations].filter((each) => {
      const kind = each.kind === 'exist' ? 'data' : each.kind;
      return each.path === path && (selection === 'any' || selection === kind);
    });
    await this.#watcher.removeWatches(path, selection);
    for (const { name, heard, watch } of gone) {
      // A one-shot watch may have fired before.
      const last = heard.at(-1)?.type;
      if (watch !== null || last === undefined) expect([name, last]).toEqual([name, 'Ended']);
    }
  }

  /** Who has heard the last word hears nothing behind it. */
  #dropEnded(): void {
    for (const each of this.#registrations) {
      const at = each.heard.findIndex((event) => event.type === 'Ended');
      if (at === -1) continue;
      expect([each.name, at]).toEqual([each.name, each.heard.length - 1]);
      this.#registrations.delete(each);
    }
  }

  #registration(how: string, path: string): Registration {
    const name = `${++this.#count} ${how} ${path}`;
    this.story.push(name);
    return { name, path, kind: null, stat: null, watch: null, heard: [] };
  }

  /** A change that can be made now. */
  #draw(): [Mutation, string] {
    const changes: [Mutation, string][] = [];
    for (const path of this.#paths) {
      const parent = path.slice(0, path.lastIndexOf('/'));
      const hasChildren = this.#paths.some(
        (other) => other.startsWith(`${path}/`) && this.#existing.has(other),
      );
      if (this.#existing.has(path)) {
        changes.push(['NodeDataChanged', path]);
        if (!hasChildren) changes.push(['NodeDeleted', path]);
      } else if (parent === '' || this.#existing.has(parent)) changes.push(['NodeCreated', path]);
    }
    return changes[this.#random(changes.length)]!;
  }

  async #mutate(type: Mutation, path: string): Promise<void> {
    this.story.push(`${type} ${path}`);
    if (type === 'NodeCreated') {
      this.#existing.add(path);
      await this.#mutator.create(path);
    } else if (type === 'NodeDeleted') {
      this.#existing.delete(path);
      await this.#mutator.delete(path);
    } else {
      await this.#mutator.set(path, '');
    }
  }
}

/** What a watch hears of one change. */
function* eventsOf(each: Registration, type: Mutation, path: string): Generator<string> {
  const told = `${type} ${path}`;
  if (each.kind === 'recursive') {
    if (path === each.path || path.startsWith(`${each.path}/`)) yield told;
    return;
  }
  if (path === each.path) {
    if (each.kind !== 'child' || type === 'NodeDeleted') yield told;
    return;
  }
  const hearsOfChildren = each.kind === 'child' || each.kind === 'persistent';
  const isChild = path.slice(0, path.lastIndexOf('/')) === each.path;
  if (hearsOfChildren && isChild && type !== 'NodeDataChanged')
    yield `NodeChildrenChanged ${each.path}`;
}

/** What of `expected` does not come, in this order. */
function missing(heard: readonly WatchEvent[], expected: readonly string[]): string[] {
  let at = 0;
  return expected.filter((event) => {
    while (at < heard.length) {
      const { type, path } = heard[at++]!;
      if (`${type} ${path}` === event) return false;
    }
    return true;
  });
}

/** What a one-shot watch of a kind would have been told the change of. */
function identityOf(kind: Kind, stat: Stat | null): unknown[] {
  if (stat === null) return [null];
  if (kind === 'child') return [stat.czxid, stat.pzxid];
  return [stat.czxid, stat.mzxid];
}
