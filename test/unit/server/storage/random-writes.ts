import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { type ACL, OP } from '../../../../src/codec/index.ts';
import type { PlainTxn, Txn } from '../../../../src/server/tree/txn.ts';
import type { OpenedStorage } from './storage-rig.ts';

/** A snapshot of so many znodes takes several slices. */
const FOLDERS = 20;
const NODES_IN_FOLDER = 100;
const SESSIONS = [11n, 12n, 13n];
/** They outlive all that is read on a server which counts it. */
const SESSION_TIMEOUT_MS = 3_600_000;

/** Many znodes, some of them ephemeral, and a snapshot of them. */
export async function fillStorage(opened: OpenedStorage): Promise<void> {
  for (const sessionId of SESSIONS) {
    opened.commit({ type: OP.createSession, timeoutMs: SESSION_TIMEOUT_MS }, sessionId);
  }
  for (let folder = 0; folder < FOLDERS; folder++) {
    opened.create(`f${folder}`);
    for (let index = 0; index < NODES_IN_FOLDER; index++) {
      const path = `/f${folder}/n${index}`;
      const owner = index % 10 === 0 ? SESSIONS[folder % SESSIONS.length] : undefined;
      opened.commit(createTxn(opened, path, 'x', owner !== undefined), owner);
    }
  }
  await opened.storage.snapshot();
}

export function aclOf(user: string): ACL[] {
  return [{ perms: 31, id: { scheme: 'digest', id: `${user}:hash` } }];
}

export function createTxn(
  { tree }: OpenedStorage,
  path: string,
  data: string,
  ephemeral: boolean,
  user = '',
): PlainTxn {
  const parent = tree.node(path.slice(0, path.lastIndexOf('/')))!;
  const acl = user === '' ? [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }] : aclOf(user);
  const parentCversion = parent.cversion + 1;
  const type = OP.create;
  return { type, path, data: Buffer.from(data), acl, ephemeral, parentCversion };
}

/** One write of a random list; the numbers say where. */
export interface Step {
  readonly kind: 'create' | 'delete' | 'set' | 'acl' | 'multi' | 'end' | 'begin';
  readonly folder: number;
  readonly index: number;
  readonly text: string;
}

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('create', 'delete', 'set', 'acl', 'multi', 'end', 'begin'),
    folder: fc.nat(FOLDERS - 1),
    index: fc.nat(NODES_IN_FOLDER + 20),
    text: fc.string({ maxLength: 8 }),
  }),
  { minLength: 1, maxLength: 120 },
) as fc.Arbitrary<Step[]>;

/** As a preparer does: only what can be done. Null: nothing. */
function txnOf(opened: OpenedStorage, step: Step): { txn: Txn; sessionId: bigint } | null {
  const { tree } = opened;
  const path = `/f${step.folder}/n${step.index}`;
  const node = tree.node(path);
  const sessionId = SESSIONS[step.index % SESSIONS.length] as bigint;
  switch (step.kind) {
    case 'create': {
      if (node !== undefined) return null;
      const ephemeral = step.index % 3 === 0;
      return { txn: createTxn(opened, path, step.text, ephemeral, step.text), sessionId };
    }
    case 'delete':
      return node === undefined ? null : { txn: { type: OP.delete, path }, sessionId };
    case 'set': {
      const data = Buffer.from(step.text);
      if (node === undefined) return null;
      return { txn: { type: OP.setData, path, data, version: node.version + 1 }, sessionId };
    }
    case 'acl': {
      const acl = aclOf(`${step.text}${step.index}`);
      if (node === undefined) return null;
      return { txn: { type: OP.setACL, path, acl, version: node.aversion + 1 }, sessionId };
    }
    case 'multi': {
      if (node === undefined) return null;
      const again = createTxn(opened, path, 'again', false);
      return { txn: { type: OP.multi, txns: [{ type: OP.delete, path }, again] }, sessionId };
    }
    case 'end':
      return {
        txn: { type: OP.closeSession, paths: [...tree.ephemeralsOf(sessionId)] },
        sessionId,
      };
    case 'begin':
      return { txn: { type: OP.createSession, timeoutMs: SESSION_TIMEOUT_MS }, sessionId };
  }
}

/** Writes them, with other turns in between; a snapshot is begun at one of them. */
export async function writeSteps(
  opened: OpenedStorage,
  list: readonly Step[],
  snapshotAt: number,
): Promise<void> {
  for (const [index, step] of list.entries()) {
    if (index === snapshotAt % list.length) void opened.storage.snapshot();
    const write = txnOf(opened, step);
    if (write !== null) opened.commit(write.txn, write.sessionId);
    if (index % 4 === 0) await nextTurn();
  }
  await opened.storage.snapshot();
}
