import { OP } from '../../src/codec/operations.ts';
import type { Ensemble } from './ensemble/ensemble.ts';
import type { WriteRequest } from './ensemble/write-request.ts';
import type { SimulationOptions } from './options.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import { somePath, topPaths } from './workload/draw-operation.ts';
import { HELPER_TOPS, helperPath } from './workload/helper-paths.ts';

/** Writes among the nodes of helpers and recipes. */
const AMONG_HELPERS = 0.4;

/** Others who write to the same nodes. */
export class Strangers {
  readonly #options: SimulationOptions;
  readonly #scheduler: Scheduler;
  readonly #ensemble: Ensemble;
  readonly #random: Random;
  #writes = 0;

  constructor(
    options: SimulationOptions,
    scheduler: Scheduler,
    ensemble: Ensemble,
    random: Random,
  ) {
    this.#options = options;
    this.#scheduler = scheduler;
    this.#ensemble = ensemble;
    this.#random = random;
  }

  /** Makes the nodes that are there from the beginning. */
  prepare(): void {
    const tops = new Set<string>();
    for (const { chroot } of this.#options.clients) {
      const parts = chroot.split('/').slice(1);
      for (let depth = 1; depth <= parts.length; depth++)
        tops.add(`/${parts.slice(0, depth).join('/')}`);
      for (const top of topPaths(this.#nameTail)) tops.add(chroot + top);
      for (const top of [HELPER_TOPS.tree, HELPER_TOPS.locks]) tops.add(chroot + top);
    }
    for (const path of tops) this.#make(path);
  }

  /** Writes now and then, as long as they are wanted. */
  begin(areWanted: () => boolean): void {
    const { faults, faultGapMs, requests, strangersPerRequest } = this.#options;
    if (strangersPerRequest === 0 || !areWanted()) return;
    const meanMs = (faults * faultGapMs) / (requests * strangersPerRequest);
    this.#scheduler.after(this.#random.exponential(meanMs), () => {
      this.write();
      this.begin(areWanted);
    });
  }

  /** One write. */
  write(): void {
    const random = this.#random;
    const { chroot } = random.pick(this.#options.clients);
    if (random.chance(AMONG_HELPERS)) {
      this.#writeAmongHelpers(chroot);
      return;
    }
    const path = chroot + somePath({ random, nameTail: this.#nameTail });
    const kind = random.pick(['make', 'put', 'put', 'drop'] as const);
    if (kind === 'make') this.#make(path);
    else if (kind === 'put') this.#put(path);
    else this.#drop(path);
  }

  #writeAmongHelpers(chroot: string): void {
    const random = this.#random;
    const path = chroot + helperPath(random);
    switch (random.pick(['make', 'make', 'put', 'drop', 'take', 'serve'] as const)) {
      case 'make':
        this.#make(path);
        break;
      case 'put':
        this.#put(path);
        break;
      case 'drop':
        this.#drop(path);
        break;
      case 'serve':
        this.#serve(`${chroot + HELPER_TOPS.service}/stranger`);
        break;
      default:
        this.#takeAway(chroot + random.pick([HELPER_TOPS.locks, HELPER_TOPS.service]));
    }
  }

  /** Registers by hand, or says something else of itself. */
  #serve(path: string): void {
    if (this.#ensemble.history.tree.has(path)) this.#put(path);
    else this.#make(path);
  }

  /** Deletes what somebody has made below a node. */
  #takeAway(parent: string): void {
    const names = this.#ensemble.history.tree.get(parent)?.children ?? [];
    if (names.length > 0) this.#drop(`${parent}/${this.#random.pick(names)}`);
  }

  #make(path: string): void {
    const acl = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
    const data = this.#data();
    const write = { kind: 'create', op: OP.create, path, data, acl, flags: 0, ttlMs: 0 } as const;
    this.#ensemble.write(write, OP.create, path);
  }

  #put(path: string): void {
    const write: WriteRequest = { kind: 'set', path, data: this.#data(), version: -1 };
    this.#ensemble.write(write, OP.setData, path);
  }

  #drop(path: string): void {
    this.#ensemble.write({ kind: 'delete', path, version: -1 }, OP.delete, path);
  }

  #data(): Buffer {
    return Buffer.from(`stranger ${this.#writes++}`);
  }

  get #nameTail(): string {
    return 'n'.repeat(this.#options.nameBytes);
  }
}
