import type { Id } from '../../../src/codec/records.gen.ts';
import { SERVER_CODE } from '../../../src/codec/server-codes.ts';
import { allows, PERMISSION, storedAcl } from './acl.ts';
import { type NodeState, type NodeTree, nameOf, parentOf } from './node-state.ts';
import type { NodeChange, StepResult } from './transaction.ts';
import type { WriteRequest } from './write-request.ts';

/** Why a request is refused. */
export class Refusal extends Error {
  readonly err: number;

  constructor(err: number) {
    super(`refused with ${err}`);
    this.err = err;
  }
}

/** Who asks, and when. */
export interface DraftContext {
  readonly zxid: number;
  readonly timeMs: number;
  readonly session: bigint;
  readonly ids: readonly Id[];
}

const SPECIAL: ReadonlySet<string> = new Set([
  '/',
  '/zookeeper',
  '/zookeeper/quota',
  '/zookeeper/config',
]);

const EPHEMERAL_FLAGS: ReadonlySet<number> = new Set([1, 3]);
const SEQUENTIAL_FLAGS: ReadonlySet<number> = new Set([2, 3, 6]);

/** A transaction in the making, on top of the newest tree: the leader's rules. */
export class Draft {
  readonly after: Map<string, NodeState | null> = new Map();
  readonly changes: NodeChange[] = [];
  readonly results: StepResult[] = [];
  readonly #tree: NodeTree;
  readonly #context: DraftContext;

  constructor(tree: NodeTree, context: DraftContext) {
    this.#tree = tree;
    this.#context = context;
  }

  /** Does one step. Throws a Refusal; the draft is of no use then. */
  apply(request: WriteRequest, op: number): void {
    switch (request.kind) {
      case 'create':
        this.#create(request);
        return;
      case 'delete':
        this.#delete(request.path, request.version, op);
        return;
      case 'delete-container':
        this.#deleteContainer(request.path, op);
        return;
      case 'set':
        this.#set(request.path, request.data, request.version, op);
        return;
      case 'set-acl':
        this.#setAcl(request, op);
        return;
      case 'check':
        this.#check(request.path, request.version, op);
        return;
      case 'refused':
        throw new Refusal(request.err);
      default:
        throw new Error(`${request.kind} is no step`);
    }
  }

  /** The session's ephemeral nodes go. */
  deleteOwned(session: bigint): void {
    for (const [path, node] of this.#tree) if (node.owner === session) this.#remove(path, node);
  }

  #node(path: string): NodeState | undefined {
    const staged = this.after.get(path);
    return staged === undefined ? this.#tree.get(path) : (staged ?? undefined);
  }

  #known(path: string): NodeState {
    const node = this.#node(path);
    if (node === undefined) throw new Refusal(SERVER_CODE.NONODE);
    return node;
  }

  #mayDo(node: NodeState, permission: number): void {
    if (!allows(node.acl, permission, this.#context.ids)) throw new Refusal(SERVER_CODE.NOAUTH);
  }

  #create(request: WriteRequest & { kind: 'create' }): void {
    const { zxid, timeMs, session, ids } = this.#context;
    const acl = storedAcl(request.acl, ids);
    if (acl === null) throw new Refusal(SERVER_CODE.INVALIDACL);
    if (!request.path.startsWith('/')) throw new Refusal(SERVER_CODE.BADARGUMENTS);
    const parentPath = parentOf(request.path);
    const parent = this.#known(parentPath);
    this.#mayDo(parent, PERMISSION.create);
    const sequential = SEQUENTIAL_FLAGS.has(request.flags);
    const counter = sequential ? String(parent.created).padStart(10, '0') : '';
    const path = request.path + counter;
    if (!isGoodPath(path)) throw new Refusal(SERVER_CODE.BADARGUMENTS);
    if (this.#node(path) !== undefined) throw new Refusal(SERVER_CODE.NODEEXISTS);
    if (parent.owner !== 0n) throw new Refusal(SERVER_CODE.NOCHILDRENFOREPHEMERALS);
    const node: NodeState = {
      data: request.data,
      acl,
      czxid: zxid,
      mzxid: zxid,
      pzxid: zxid,
      ctimeMs: timeMs,
      mtimeMs: timeMs,
      version: 0,
      aversion: 0,
      created: 0,
      owner: EPHEMERAL_FLAGS.has(request.flags) ? session : 0n,
      life: request.op === 19 ? 'container' : request.op === 21 ? 'ttl' : 'plain',
      ttlMs: request.ttlMs,
      children: [],
    };
    this.after.set(path, node);
    this.after.set(parentPath, {
      ...parent,
      created: parent.created + 1,
      pzxid: zxid,
      children: [...parent.children, nameOf(path)],
    });
    this.changes.push({ type: 1, path });
    this.results.push({ kind: 'create', op: request.op, path, node });
  }

  #delete(path: string, version: number, op: number): void {
    if (SPECIAL.has(path) || !path.startsWith('/')) throw new Refusal(SERVER_CODE.BADARGUMENTS);
    this.#mayDo(this.#known(parentOf(path)), PERMISSION.delete);
    const node = this.#known(path);
    checkVersion(node.version, version);
    if (node.children.length > 0) throw new Refusal(SERVER_CODE.NOTEMPTY);
    this.#remove(path, node);
    this.results.push({ kind: 'delete', op, path, node: null });
  }

  #deleteContainer(path: string, op: number): void {
    const node = this.#known(path);
    if (node.life === 'plain' || node.children.length > 0) throw new Refusal(SERVER_CODE.NOTEMPTY);
    this.#remove(path, node);
    this.results.push({ kind: 'delete-container', op, path, node: null });
  }

  #remove(path: string, node: NodeState): void {
    const parentPath = parentOf(path);
    const parent = this.#known(parentPath);
    const name = nameOf(path);
    this.after.set(path, null);
    this.after.set(parentPath, {
      ...parent,
      pzxid: this.#context.zxid,
      children: parent.children.filter((child) => child !== name),
    });
    this.changes.push({ type: 2, path });
    if (node.children.length > 0) throw new Error(`${path} is deleted with its children`);
  }

  #set(path: string, data: Buffer | null, version: number, op: number): void {
    const node = this.#known(path);
    this.#mayDo(node, PERMISSION.write);
    checkVersion(node.version, version);
    const { zxid, timeMs } = this.#context;
    const next = { ...node, data, version: node.version + 1, mzxid: zxid, mtimeMs: timeMs };
    this.after.set(path, next);
    this.changes.push({ type: 3, path });
    this.results.push({ kind: 'set', op, path, node: next });
  }

  #setAcl(request: WriteRequest & { kind: 'set-acl' }, op: number): void {
    const node = this.#known(request.path);
    this.#mayDo(node, PERMISSION.admin);
    const acl = storedAcl(request.acl, this.#context.ids);
    if (acl === null) throw new Refusal(SERVER_CODE.INVALIDACL);
    checkVersion(node.aversion, request.version);
    const next = { ...node, acl, aversion: node.aversion + 1 };
    this.after.set(request.path, next);
    this.results.push({ kind: 'set-acl', op, path: request.path, node: next });
  }

  #check(path: string, version: number, op: number): void {
    const node = this.#known(path);
    this.#mayDo(node, PERMISSION.read);
    checkVersion(node.version, version);
    this.results.push({ kind: 'check', op, path, node: null });
  }
}

function checkVersion(actual: number, wanted: number): void {
  if (wanted !== -1 && wanted !== actual) throw new Refusal(SERVER_CODE.BADVERSION);
}

/** The part of PathUtils that a client which checks its paths can still run into. */
function isGoodPath(path: string): boolean {
  if (path === '/') return true;
  return path
    .slice(1)
    .split('/')
    .every((name) => name !== '' && name !== '.' && name !== '..');
}
