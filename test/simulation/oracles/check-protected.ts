import { SERVER_CODE } from '../../../src/codec/server-codes.ts';
import { HELPER_ROUNDS_MAX } from '../../../src/limits.ts';
import type { ClientHandle } from '../client-handle.ts';
import type { History } from '../ensemble/history.ts';
import { type Invocation, outcomeOf, type Settlement, shown } from './invocation.ts';
import { livesOf, type NodeLife, type ProtectedNode, secondOf } from './protected-lives.ts';
import type { Violations } from './violations.ts';

/** `createProtected`: one node for a call that succeeded, at most one for any other. */
export function checkProtected(
  history: History,
  handles: readonly ClientHandle[],
  violations: Violations,
): void {
  const calls = handles.flatMap((handle) => protectedCalls(handle));
  const tags = new Set(calls.map(({ node }) => node.tag));
  const lives = livesOf(history, (text) => tags.has(text));
  for (const call of calls) {
    const text = callFault(call, lives.get(call.node.tag) ?? []);
    if (text === null) continue;
    const { handle, invocation } = call;
    violations.add('protected', `client ${handle.index}: ${shown(invocation)}: ${text}`);
  }
}

interface ProtectedCall {
  readonly handle: ClientHandle;
  readonly invocation: Invocation;
  readonly node: ProtectedNode;
}

function protectedCalls(handle: ClientHandle): ProtectedCall[] {
  return handle.invocations.flatMap((invocation) => {
    const node = invocation.operation.protectedNode;
    return node === undefined ? [] : { handle, invocation, node };
  });
}

function callFault({ invocation, node }: ProtectedCall, lives: readonly NodeLife[]): string | null {
  const second = secondOf(lives);
  if (second !== null) return `${second.path} is a second node, at ${second.born.zxid}`;
  const { settled } = invocation;
  if (settled === null) return null;
  if (settled.error === null) return successFault(settled, node, lives);
  // An id of the caller's own stands for several calls, of which an earlier one may have made it.
  return node.again ? null : failureFault(settled, lives);
}

function successFault(
  { value, atMs, session }: Settlement,
  { chroot, ephemeral, spared }: ProtectedNode,
  lives: readonly NodeLife[],
): string | null {
  const life = lives.findLast(({ path, born }) => path === chroot + value && born.atMs <= atMs);
  if (life === undefined) return `gives ${value}, which was not made`;
  if (ephemeral && life.owner !== session) return `${value} is of session ${life.owner}`;
  const { gone } = life;
  if (gone === null || !spared || gone.socket < 0) return null;
  return gone.request.kind === 'delete' ? `a client has deleted ${value} at ${gone.zxid}` : null;
}

function failureFault({ error, atMs }: Settlement, lives: readonly NodeLife[]): string | null {
  if (outcomeOf(error) === 'unknown') return null;
  const late = lives.find(({ born, gone }) => {
    return born.atMs > atMs || gone === null || gone.atMs > atMs;
  });
  return late === undefined ? null : `${late.path} is there, and it says ${String(error)}`;
}

/**
 * A node of a call that has given up, and that its client has not deleted though nothing is in its
 * way; null when there is none.
 */
export function leftNode(history: History, handle: ClientHandle): string | null {
  const doubtful = protectedCalls(handle).filter(({ invocation: { settled }, node }) => {
    return (
      !node.again && outcomeOf(settled?.error) === 'unknown' && !hasTriedEnough(handle, settled)
    );
  });
  if (doubtful.length === 0) return null;
  const tags = new Set(doubtful.map(({ node }) => node.tag));
  for (const [path, { data }] of history.tree) {
    if (data !== null && data.length < TAG_BYTES_MAX && tags.has(data.toString())) return path;
  }
  return null;
}

const TAG_BYTES_MAX = 100;

/**
 * Each search may have ended with its connection, or come to a server that was too busy, or been
 * refused for a reason that nobody knows.
 */
function hasTriedEnough({ sessions, sockets }: ClientHandle, settled: Settlement | null): boolean {
  const since = settled?.order ?? 0;
  if (sessions.filter(({ order }) => order > since).length >= HELPER_ROUNDS_MAX - 1) return true;
  const errors = sockets.flatMap(({ serverFrames }) => serverFrames.map(({ err }) => err));
  const busy = errors.filter((err) => err === SERVER_CODE.THROTTLEDOP).length;
  return busy >= HELPER_ROUNDS_MAX || errors.includes(UNKNOWN_CODE);
}

/** What servers say now and then, and no client knows. */
const UNKNOWN_CODE = -999;
