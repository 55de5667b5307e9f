import { OP } from '../../src/codec/index.ts';
import type { Field, RequestPlan } from './step.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Kinds of requests; a list draws how often it wants each. */
export const REQUEST_KINDS = [
  'create',
  'create2',
  'container',
  'ttl',
  'delete',
  'setData',
  'exists',
  'getData',
  'getChildren',
  'getChildren2',
  'getACL',
  'setACL',
  'sync',
  'multi',
  'multiRead',
  'checkWatches',
  'removeWatches',
  'addWatch',
  'setWatches',
  'setWatches2',
  'getEphemerals',
  'getAllChildrenNumber',
  'whoAmI',
  'reconfig',
  'ping',
  'deleteContainer',
] as const;

export type RequestKind = (typeof REQUEST_KINDS)[number];

/** Makes room for what other requests need to find something. */
export const EVERYDAY: ReadonlySet<RequestKind> = new Set(['create', 'delete', 'setData']);

/** A request of a kind. */
export function drawRequest(words: Vocabulary, kind: RequestKind): RequestPlan {
  const request = DRAW[kind](words);
  return words.random.chance(0.02) ? mangle(words, request) : withOddXid(words, request);
}

/** A body that is too short, too long, or has a length in it that cannot be. */
function mangle(words: Vocabulary, request: RequestPlan): RequestPlan {
  const { random } = words;
  if (request.parts.length === 0 || random.chance(0.3)) {
    return { ...request, extraBytes: random.int(1, 20) };
  }
  if (isDelicate(request) || random.chance(0.5)) return { ...request, cutBytes: random.int(1, 30) };
  const at = random.int(0, request.parts.length - 1);
  const part = request.parts[at] ?? [];
  const length = random.pick([-2, -(2 ** 31), 2 ** 31 - 1, 1_000_000, 100, 0, 1]);
  const wrong = part.with(random.int(0, part.length - 1), ['n', length]);
  return { ...request, parts: request.parts.with(at, wrong) };
}

/** Nothing in the body of these is moved: what is no mode could be taken for one. */
function isDelicate({ op, parts }: RequestPlan): boolean {
  const ops = op === OP.multi ? parts.map(([head]) => head?.[1]) : [op];
  return ops.some((each) => each === OP.createTTL || each === OP.createContainer);
}

function withOddXid(words: Vocabulary, request: RequestPlan): RequestPlan {
  if (!words.random.chance(0.03)) return request;
  return { ...request, xid: words.random.pick([0, -5, -8, 1, 1, 2 ** 31 - 1, -(2 ** 31), 77]) };
}

type Draw = (words: Vocabulary) => RequestPlan;

const DRAW: Readonly<Record<RequestKind, Draw>> = {
  create: (words) => ({ op: OP.create, parts: [createFields(words, plainFlag(words))] }),
  create2: (words) => ({ op: OP.create2, parts: [createFields(words, plainFlag(words))] }),
  // Never an ephemeral mode: while such a create is under way, 3.8.0 takes the container for ephemeral.
  container: (words) => ({
    op: OP.createContainer,
    parts: [createFields(words, words.random.pick([4, 4, 4, 4, 0, 2, 5, 7]))],
  }),
  ttl: (words) => ({ op: OP.createTTL, parts: [ttlFields(words)] }),
  delete: (words) => ({ op: OP.delete, parts: [[words.pathField(), words.version()]] }),
  setData: (words) => ({
    op: OP.setData,
    parts: [[words.pathField(), words.data(), words.version()]],
  }),
  exists: (words) => ({ op: OP.exists, parts: [watchFields(words)] }),
  getData: (words) => ({ op: OP.getData, parts: [watchFields(words)] }),
  getChildren: (words) => ({ op: OP.getChildren, parts: [watchFields(words)] }),
  getChildren2: (words) => ({ op: OP.getChildren2, parts: [watchFields(words)] }),
  getACL: (words) => ({ op: OP.getACL, parts: [[words.pathField()]] }),
  setACL: (words) => ({
    op: OP.setACL,
    parts: [[words.newPath(), ...words.acl(), words.version()]],
  }),
  sync: (words) => ({ op: OP.sync, parts: [[words.pathField()]] }),
  multi: (words) => ({ op: OP.multi, parts: multiParts(words, drawMultiOperation) }),
  multiRead: (words) => ({ op: OP.multiRead, parts: multiParts(words, drawMultiRead) }),
  checkWatches: (words) => ({ op: OP.checkWatches, parts: [watcherFields(words)] }),
  removeWatches: (words) => ({ op: OP.removeWatches, parts: [watcherFields(words)] }),
  // Never without a path: 3.8.0 says yes, and cannot close that connection any more.
  addWatch: (words) => ({
    op: OP.addWatch,
    parts: [
      [
        ['s', words.path() ?? ''],
        ['i', words.odd() ? words.random.pick([-1, 2]) : words.random.int(0, 1)],
      ],
    ],
  }),
  setWatches: (words) => ({ op: OP.setWatches, parts: [rearmFields(words, 3)] }),
  setWatches2: (words) => ({ op: OP.setWatches2, parts: [rearmFields(words, 5)] }),
  getEphemerals: (words) => ({
    op: OP.getEphemerals,
    parts: [[['s', words.random.pick([null, '', '/', '~', '~/a', '~/a/', ' ', '/nowhere'])]]],
  }),
  getAllChildrenNumber: (words) => ({
    op: OP.getAllChildrenNumber,
    parts: [[words.pathField()]],
  }),
  whoAmI: () => ({ op: OP.whoAmI, parts: [] }),
  reconfig: (words) => ({ op: OP.reconfig, parts: [reconfigFields(words)] }),
  ping: (words) => ({ op: OP.ping, xid: words.random.pick([-2, -2, 77]), parts: [] }),
  // Only servers send it; its body is taken together with the header, so no path is a good one.
  deleteContainer: (words) => ({ op: OP.deleteContainer, parts: [[words.pathField()]] }),
};

function plainFlag(words: Vocabulary): number {
  const { random } = words;
  return words.odd() ? random.pick([4, 5, 6, 7, -1, 100]) : random.pick([0, 0, 0, 0, 1, 1, 2, 3]);
}

function createFields(words: Vocabulary, flag: number): Field[] {
  const isSequential = flag === 2 || flag === 3;
  const path = isSequential ? words.sequencePath() : words.newPath();
  return [path, words.data(), ...words.acl(), ['i', flag]];
}

function ttlFields(words: Vocabulary): Field[] {
  const flag = words.random.pick([5, 5, 6]);
  const path = flag === 6 ? words.sequencePath() : words.newPath();
  const ttl = words.odd()
    ? words.random.pick(['0', '-1', '1099511627776', '9223372036854775807'])
    : words.random.pick(['1', '86400000', '1099511627775']);
  return [path, words.data(), ...words.acl(), ['i', flag], ['l', ttl]];
}

function watchFields(words: Vocabulary): Field[] {
  return [words.pathField(), ['t', words.random.chance(0.5)]];
}

function watcherFields(words: Vocabulary): Field[] {
  const type = words.odd() ? words.random.pick([0, 4, 5, 6, -1]) : words.random.int(1, 3);
  return [words.pathField(), ['i', type]];
}

function rearmFields(words: Vocabulary, vectors: number): Field[] {
  // Of the persistent ones none without a path: see addWatch.
  const lists = Array.from({ length: vectors }, (_, index) => words.paths(index >= 3));
  return [words.zxid(), ...lists.flat()];
}

function reconfigFields(words: Vocabulary): Field[] {
  const text = (): Field => ['s', words.random.pick([null, '', 'server.2=localhost:1:2;3', '2'])];
  return [text(), text(), text(), ['l', words.random.pick(['-1', '0', '5'])]];
}

type DrawPart = (words: Vocabulary) => readonly [op: number, fields: readonly Field[]];

const MULTI_END: readonly Field[] = [
  ['i', -1],
  ['t', true],
  ['i', -1],
];

function multiParts(words: Vocabulary, draw: DrawPart): (readonly Field[])[] {
  const { random } = words;
  const count = random.pick([0, 1, 1, 2, 2, 3, 3, 4, 6]);
  const parts = Array.from({ length: count }, () => {
    const [op, fields] = draw(words);
    return [['i', op], ['t', false], ['i', random.chance(0.9) ? -1 : 0], ...fields] as Field[];
  });
  return random.chance(0.02) ? parts : [...parts, MULTI_END];
}

function drawMultiOperation(words: Vocabulary): ReturnType<DrawPart> {
  const { random } = words;
  if (random.chance(0.02)) return drawMultiRead(words);
  // Nothing that a multi takes: the whole of it is refused.
  if (random.chance(0.01))
    return [random.pick([OP.setACL, OP.exists, OP.multi, 99]), watchFields(words)];
  const kind = random.int(0, 9);
  if (kind < 3) return [OP.create, createFields(words, plainFlag(words))];
  if (kind === 3) return [OP.create2, createFields(words, plainFlag(words))];
  if (kind === 4 && random.chance(0.5)) return [OP.createContainer, createFields(words, 4)];
  if (kind === 4) return [OP.createTTL, ttlFields(words)];
  if (kind < 7) return [OP.delete, [words.pathField(), words.version()]];
  if (kind < 9) return [OP.setData, [words.pathField(), words.data(), words.version()]];
  return [OP.check, [words.pathField(), words.version()]];
}

function drawMultiRead(words: Vocabulary): ReturnType<DrawPart> {
  const op = words.random.pick([OP.getData, OP.getChildren]);
  if (words.random.chance(0.02)) return [OP.exists, watchFields(words)];
  return [op, watchFields(words)];
}
