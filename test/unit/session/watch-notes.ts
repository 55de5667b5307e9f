import type { WatchEvent, WatchListener } from '../../../src/session/watch-event.ts';
import { WATCH_KINDS } from '../../../src/session/watch-kinds.ts';
import type { WatchRegistry } from '../../../src/session/watch-registry.ts';

/** What the listeners of a registry heard, in order, and what went wrong in them. */
export class WatchNotes {
  /** `name:event`, as {@link shown} has the event. */
  readonly heard: string[] = [];
  readonly errors: [error: unknown, where: string][] = [];

  /** For the registry. */
  readonly onError = (error: unknown, where: string): void => {
    this.errors.push([error, where]);
  };

  /** A new listener that writes down what it hears. */
  named(name: string): WatchListener {
    return (event) => {
      this.heard.push(`${name}:${shown(event)}`);
    };
  }

  /** One listener of each kind, named by it. */
  addAll(watches: WatchRegistry, path: string): void {
    for (const kind of WATCH_KINDS) watches.add(kind, path, this.named(kind));
  }

  /** What was heard since the last time. */
  takeHeard(): string[] {
    return this.heard.splice(0);
  }
}

/** An event in a few words. */
export function shown(event: WatchEvent): string {
  if (event.type === 'Ended') return `Ended(${event.reason}) ${event.path}`;
  return `${event.type} ${event.path}`;
}
