import { OP } from '../../../src/codec/operations.ts';
import type { ClientHandle } from '../client-handle.ts';
import type { History } from '../ensemble/history.ts';
import { HELPER_TOPS } from '../workload/helper-paths.ts';
import { HelperScene } from './helper-scene.ts';
import { type Invocation, type Settlement, shown } from './invocation.ts';
import type { Violations } from './violations.ts';

/** Checks what came of calls that make several requests, and that they delete nothing else. */
export function checkHelpers(
  history: History,
  handles: readonly ClientHandle[],
  violations: Violations,
): void {
  for (const handle of handles) {
    for (const invocation of handle.invocations) {
      const { settled, operation } = invocation;
      if (settled === null || operation.verdict === undefined) continue;
      const text = operation.verdict(settled, sceneOf(history, handle, invocation, settled));
      if (text === null) continue;
      violations.add('helpers', `client ${handle.index}: ${shown(invocation)}: ${text}`);
    }
    checkDeletes(handle, violations);
  }
}

function sceneOf(
  history: History,
  { sessions }: ClientHandle,
  { order, seenZxid }: Invocation,
  settled: Settlement,
): HelperScene {
  const isOther = sessions.some((session) => {
    return !session.resumed && session.order > order && session.order < settled.order;
  });
  return new HelperScene(history, !isOther, seenZxid, settled.atMs);
}

/** A helper deletes what it was asked to, the nodes that are marked as its own, and no others. */
function checkDeletes(
  { index, setup, invocations, helperFrames }: ClientHandle,
  violations: Violations,
): void {
  const tops = invocations.flatMap(({ operation }) => operation.deletes ?? []);
  const service = setup.chroot + HELPER_TOPS.service;
  for (const { op, path } of helperFrames) {
    if (op !== OP.delete || path === null || path.includes('/_c_')) continue;
    const isMeant = [...tops, service].some((top) => path === top || path.startsWith(`${top}/`));
    if (!isMeant) violations.add('helpers', `client ${index}: nobody asked to delete ${path}`);
  }
}
