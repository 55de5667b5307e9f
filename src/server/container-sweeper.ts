import { OP } from '../codec/index.ts';
import type { ServerTimer } from './config/server-clock.ts';
import type { ServerCore } from './server-core.ts';
import { kindOf, NODE_KIND, ttlMsOf } from './tree/ephemeral-owner.ts';
import type { ZNode } from './tree/znode.ts';

const MS_PER_MINUTE = 60_000;

/**
 * Deletes containers whose last child has gone, and znodes whose time to live is over: one search
 * each interval, and so many deletions a minute, as Apache's ContainerManager.
 */
export class ContainerSweeper {
  readonly #core: ServerCore;
  #timer: ServerTimer = null;
  #stopped = false;

  constructor(core: ServerCore) {
    this.#core = core;
  }

  /** Searches from now on. A server that is read-only deletes nothing. */
  start(): void {
    if (this.#core.options.readOnly) return;
    this.#later(this.#core.options.containerCheckIntervalMs, () => this.#search());
  }

  stop(): void {
    this.#stopped = true;
    this.#core.options.clock.clearTimer(this.#timer);
  }

  #search(): void {
    this.#deleteNext(this.#due());
  }

  /** One after the other, spread over the minute. */
  #deleteNext(paths: readonly string[], index = 0): void {
    const path = paths[index];
    if (path === undefined) {
      this.start();
      return;
    }
    this.#delete(path);
    const pauseMs = Math.ceil(MS_PER_MINUTE / this.#core.options.containerMaxPerMinute);
    this.#later(pauseMs, () => this.#deleteNext(paths, index + 1));
  }

  /** It may have got a child, or gone, since it was found. */
  #delete(path: string): void {
    const core = this.#core;
    const node = core.tree.node(path);
    if (node === undefined || !this.#isDue(node)) return;
    const timeMs = core.options.clock.wallMs();
    const header = { sessionId: 0n, cxid: 0, zxid: core.nextZxid(), timeMs };
    core.commit(header, { type: OP.deleteContainer, path });
  }

  #due(): string[] {
    const { tree } = this.#core;
    const paths: string[] = [];
    for (const set of [tree.containers, tree.ttls]) {
      for (const path of set) {
        const node = tree.node(path);
        if (node !== undefined && this.#isDue(node)) paths.push(path);
      }
    }
    return paths;
  }

  #isDue(node: ZNode): boolean {
    if (node.childCount > 0) return false;
    const { clock, containerMaxNeverUsedIntervalMs: neverUsedMs } = this.#core.options;
    const idleMs = clock.wallMs() - node.mtimeMs;
    switch (kindOf(node.ephemeralOwner)) {
      case NODE_KIND.container:
        // One that never had a child is somebody's who is about to make one.
        return node.cversion > 0 || (neverUsedMs > 0 && idleMs > neverUsedMs);
      case NODE_KIND.ttl:
        return idleMs > ttlMsOf(node.ephemeralOwner);
      default:
        return false;
    }
  }

  #later(delayMs: number, run: () => void): void {
    if (this.#stopped) return;
    const unlessStopped = (): void => {
      if (!this.#stopped) run();
    };
    const { clock } = this.#core.options;
    this.#timer = clock.setTimer(() => this.#core.whenThawed(unlessStopped), delayMs);
  }
}
