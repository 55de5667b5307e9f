import type { CallOptions, ZooKeeperClient } from '../../../src/client/index.ts';
import type { Stat } from '../../../src/codec/records.gen.ts';
import type { History } from '../ensemble/history.ts';
import { type NodeState, statOf } from '../ensemble/node-state.ts';
import type { Transaction } from '../ensemble/transaction.ts';
import type { HelperScene } from '../oracles/helper-scene.ts';
import type { Settlement } from '../oracles/invocation.ts';
import type { ProtectedNode } from '../oracles/protected-lives.ts';
import type { WatchRecord } from '../oracles/watch-record.ts';

/** What an answer is compared with. */
export interface Truth {
  readonly history: History;
  /** Zxid in the header of the answer. */
  readonly zxid: number;
  /** The line of the log that the request became; null for reads. */
  readonly transaction: Transaction | null;
  readonly session: bigint;
}

/** One request that a client is asked to make. */
export interface Operation {
  readonly op: number;
  /** Path on the server; null for requests that have none. */
  readonly path: string | null;
  /** A transaction of the ensemble. */
  readonly write: boolean;
  /** Does not take its turn among the frames, or takes several: only that it ends is checked. */
  readonly aside?: boolean;
  /** Cannot be made at all: refused here, with this code, unless something else is wrong first. */
  readonly local?: string;
  /** Leaves a watch behind, if it succeeds. */
  readonly watch?: WatchRecord;
  /** Of a helper, which makes several requests: what is wrong with its end; null when nothing is. */
  readonly verdict?: (settled: Settlement, scene: HelperScene) => string | null;
  /** The node that it makes with `createProtected`. */
  readonly protectedNode?: ProtectedNode;
  /** Topmost node of what it may delete, on the server. */
  readonly deletes?: string;
  /** Text in what is written: it is there once in the log, or not at all. */
  readonly tag: string | null;
  call(zk: ZooKeeperClient, limits: CallOptions): Promise<unknown>;
  /** What is wrong with the answer; null when it is right. */
  check(value: unknown, truth: Truth): string | null;
}

/** What differs between a node as a client was told and as it is; null when nothing does. */
export function statFault(stat: Stat, node: NodeState): string | null {
  const right = statOf(node);
  for (const field of Object.keys(right) as (keyof Stat)[]) {
    if (stat[field] !== right[field]) return `${field} is ${stat[field]}, not ${right[field]}`;
  }
  return null;
}

export function dataFault(data: Buffer | null, node: NodeState): string | null {
  if (data === null || node.data === null) {
    return data === node.data ? null : `data is ${data}, not ${node.data}`;
  }
  return data.equals(node.data) ? null : `data is ${shown(data)}, not ${shown(node.data)}`;
}

export function childrenFault(children: readonly string[], node: NodeState): string | null {
  const told = children.toSorted().join();
  const right = node.children.toSorted().join();
  return told === right ? null : `children are ${told}, not ${right}`;
}

function shown(data: Buffer): string {
  return `"${data.subarray(0, 40)}" (${data.length} bytes)`;
}
