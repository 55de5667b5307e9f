import { describe, expect, it } from 'vitest';
import { RequestError } from '../../../src/errors.ts';
import type { ClientHandle } from '../client-handle.ts';
import { LogWriter } from '../ensemble/log-writer.ts';
import { Trace } from '../trace.ts';
import { checkProtected, leftNode } from './check-protected.ts';
import type { ProtectedNode } from './protected-lives.ts';
import { Violations } from './violations.ts';

const NODE: ProtectedNode = {
  tag: 'pc0.1-7',
  chroot: '/app',
  ephemeral: false,
  again: false,
  spared: true,
};

/** A log with the parents, and one call. */
class Scene {
  readonly log = new LogWriter();
  readonly handle: ClientHandle;

  constructor(node: Partial<ProtectedNode>, value: unknown, error: unknown, atMs: number) {
    this.log.create('/app', '');
    this.log.create('/app/p', '');
    const operation = { protectedNode: { ...NODE, ...node }, path: null, aside: true };
    const settled = { value, error, atMs, session: 5n, order: 1 };
    const invocations = [{ id: 0, kind: 'create-protected', operation, settled, frame: null }];
    this.handle = { index: 0, invocations, sessions: [], sockets: [] } as unknown as ClientHandle;
  }

  get faults(): string[] {
    const violations = new Violations(new Trace(() => 0), () => 0);
    checkProtected(this.log.history, [this.handle], violations);
    return violations.list.map(({ text }) => text.replace(/^.*?\): /, ''));
  }
}

function failed(outcome: 'unknown' | 'rejected' | 'not-sent'): RequestError {
  return new RequestError({ code: 'REQUEST_TIMEOUT', outcome, operation: 'create', path: '/p/x' });
}

const made = (node: Partial<ProtectedNode> = {}): Scene => new Scene(node, '/p/x', null, 9);

describe('checkProtected', () => {
  it('is content with one node for one call', () => {
    const scene = made();
    scene.log.create('/app/p/x', NODE.tag);
    expect(scene.faults).toEqual([]);
    scene.log.delete('/app/p/x');
    expect(scene.faults).toEqual([]);
  });

  it('finds a second node, also of a call that is in doubt', () => {
    for (const scene of [made(), new Scene({}, undefined, failed('unknown'), 9)]) {
      scene.log.create('/app/p/x', NODE.tag);
      scene.log.create('/app/p/y', NODE.tag);
      expect(scene.faults).toEqual([expect.stringContaining('/app/p/y is a second node')]);
    }
  });

  it('allows another after the first', () => {
    const scene = made({ ephemeral: true });
    scene.log.create('/app/p/x', NODE.tag, { session: 4n });
    scene.log.closeSession(4n);
    scene.log.create('/app/p/x', NODE.tag, { session: 5n });
    expect(scene.faults).toEqual([]);
  });

  it('finds a node that was not made, or is of another session', () => {
    expect(made().faults).toEqual(['gives /p/x, which was not made']);
    const other = made({ ephemeral: true });
    other.log.create('/app/p/x', NODE.tag, { session: 4n });
    expect(other.faults).toEqual(['/p/x is of session 4']);
  });

  it('finds a node that its own client has deleted', () => {
    const scene = made();
    scene.log.create('/app/p/x', NODE.tag);
    scene.log.delete('/app/p/x', 3);
    expect(scene.faults).toEqual([expect.stringContaining('a client has deleted /p/x')]);
  });

  it.each(['rejected', 'not-sent'] as const)('finds the node of a call that says %s', (outcome) => {
    const scene = new Scene({}, undefined, failed(outcome), 9);
    expect(scene.faults).toEqual([]);
    scene.log.create('/app/p/x', NODE.tag);
    expect(scene.faults).toEqual([expect.stringContaining('/app/p/x is there, and it says')]);
  });

  it('tells which node a call that gave up has left', () => {
    const scene = new Scene({}, undefined, failed('unknown'), 9);
    expect(leftNode(scene.log.history, scene.handle)).toBe(null);
    scene.log.create('/app/p/x', NODE.tag);
    expect(leftNode(scene.log.history, scene.handle)).toBe('/app/p/x');
    scene.log.delete('/app/p/x', 3);
    expect(leftNode(scene.log.history, scene.handle)).toBe(null);
    const again = new Scene({ again: true }, undefined, failed('unknown'), 9);
    again.log.create('/app/p/x', NODE.tag);
    expect(leftNode(again.log.history, again.handle)).toBe(null);
  });
});
