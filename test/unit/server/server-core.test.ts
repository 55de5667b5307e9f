import { expect, it } from 'vitest';
import { resolveOptions } from '../../../src/server/config/resolve-options.ts';
import { systemClock } from '../../../src/server/config/server-clock.ts';
import type { ServerConnection } from '../../../src/server/connection.ts';
import { ServerCore } from '../../../src/server/server-core.ts';
import { SessionTracker } from '../../../src/server/sessions/session-tracker.ts';
import { DataTree } from '../../../src/server/tree/data-tree.ts';

it('looks after a flush at those only who wait for the disk', () => {
  const options = resolveOptions({});
  const sessions = new SessionTracker({
    ...options,
    clock: systemClock,
    afterReads: (run) => run(),
    onExpired: () => {},
  });
  const storage = { pendingBytes: 0, append: () => 1, close: async () => {} };
  const core = new ServerCore(options, new DataTree(), sessions, storage, { onFault: () => {} });
  const heard: string[] = [];
  const waits = (name: string): ServerConnection => {
    return { diskWentOn: () => void heard.push(name) } as unknown as ServerConnection;
  };
  const [one, other] = [waits('one'), waits('other')];
  for (const connection of [one, other]) core.connections.add(connection);
  core.awaitDisk(one);
  core.flushed(1);
  core.flushed(2);
  expect(heard).toEqual(['one']);
  core.awaitDisk(other);
  storage.pendingBytes = 2 ** 30;
  core.flushed(3);
  expect(heard).toHaveLength(1);
  storage.pendingBytes = 0;
  core.flushed(4);
  expect(heard).toEqual(['one', 'other']);
});
