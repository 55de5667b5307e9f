import { OP } from '../../src/codec/index.ts';
import { createFields, plainFlag, ttlFields, watchFields } from './draw-fields.ts';
import { multiReadParts, multiWriteParts } from './draw-multi.ts';
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
  'createSession',
  'deleteContainer',
] as const;

export type RequestKind = (typeof REQUEST_KINDS)[number];

/** Makes room for what other requests need to find something. */
export const EVERYDAY: ReadonlySet<RequestKind> = new Set(['create', 'delete', 'setData']);

/** A request of a kind. */
export function drawRequest(words: Vocabulary, kind: RequestKind): RequestPlan {
  const request = DRAW[kind](words);
  // What is longer makes 3.8.0 begin the session anew: see docs/differential.md.
  if (kind === 'createSession') return request;
  return words.random.chance(0.03) ? mangle(words, request) : withOddXid(words, request);
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
  if (!words.random.chance(0.04)) return request;
  return { ...request, xid: words.random.pick(ODD_XIDS) };
}

/** Those of events, pings, credentials and watches among them, and those that are asked under twice. */
const ODD_XIDS = [0, -1, -2, -4, -8, -3, -5, 1, 1, 2 ** 31 - 1, -(2 ** 31), 77];

type Draw = (words: Vocabulary) => RequestPlan;

const DRAW: Readonly<Record<RequestKind, Draw>> = {
  create: (words) => ({ op: OP.create, parts: [createFields(words, plainFlag(words))] }),
  create2: (words) => ({ op: OP.create2, parts: [createFields(words, plainFlag(words))] }),
  // Never an ephemeral mode: while such a create is under way, 3.8.0 takes the container for ephemeral.
  container: (words) => ({
    op: OP.createContainer,
    parts: [createFields(words, words.random.pick([4, 4, 4, 4, 4, 0, 2, 5, 6, 7, -1]))],
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
  multi: (words) => ({ op: OP.multi, parts: multiWriteParts(words) }),
  multiRead: (words) => ({ op: OP.multiRead, parts: multiReadParts(words) }),
  checkWatches: (words) => ({ op: OP.checkWatches, parts: [watcherFields(words)] }),
  removeWatches: (words) => ({ op: OP.removeWatches, parts: [watcherFields(words)] }),
  // Never without a path: 3.8.0 says yes, and cannot close that connection any more.
  addWatch: (words) => ({
    op: OP.addWatch,
    parts: [
      [
        ['s', words.path() ?? ''],
        ['i', words.odd() ? words.random.pick(ODD_MODES) : words.random.int(0, 1)],
      ],
    ],
  }),
  setWatches: (words) => ({ op: OP.setWatches, parts: [rearmFields(words, 3)] }),
  setWatches2: (words) => ({ op: OP.setWatches2, parts: [rearmFields(words, 5)] }),
  getEphemerals: (words) => ({
    op: OP.getEphemerals,
    parts: [[words.odd() ? words.pathField() : ['s', words.random.pick(PREFIXES)]]],
  }),
  getAllChildrenNumber: (words) => ({
    op: OP.getAllChildrenNumber,
    parts: [[words.pathField()]],
  }),
  whoAmI: () => ({ op: OP.whoAmI, parts: [] }),
  reconfig: (words) => ({ op: OP.reconfig, parts: [reconfigFields(words)] }),
  ping: (words) => ({
    op: OP.ping,
    xid: words.random.pick([-2, -2, -2, 77, 0, -1, -4]),
    parts: words.odd() ? [[words.pathField()]] : [],
  }),
  // For servers among themselves.
  createSession: (words) => ({
    op: OP.createSession,
    parts: words.odd() ? [Array<Field>(3).fill(['b', words.random.int(0, 255)])] : [],
  }),
  // Only servers send it; its body is taken together with the header, so no path is a good one.
  deleteContainer: (words) => ({ op: OP.deleteContainer, parts: [[words.pathField()]] }),
};

function watcherFields(words: Vocabulary): Field[] {
  const type = words.odd() ? words.random.pick(ODD_TYPES) : words.random.int(1, 3);
  return [words.pathField(), ['i', type]];
}

function rearmFields(words: Vocabulary, vectors: number): Field[] {
  // Of the persistent ones none without a path: see addWatch.
  const lists = Array.from({ length: vectors }, (_, index) => words.paths(index >= 3));
  return [words.zxid(), ...lists.flat()];
}

function reconfigFields(words: Vocabulary): Field[] {
  const { random } = words;
  const text = (): Field => (words.odd() ? words.pathField() : ['s', random.pick(MEMBERS)]);
  const version = random.pick(['-1', '-1', '0', '5', '4294967296', '-9223372036854775808']);
  return [text(), text(), text(), ['l', version]];
}

/** Modes of addWatch and types of removeWatches that 3.8 does not know. */
const ODD_MODES = [-1, 2, 256, 2 ** 31 - 1];
const ODD_TYPES = [0, 4, 5, 6, -1, 259, 2 ** 31 - 1, -(2 ** 31)];

/** Of the paths of ephemeral nodes. */
const PREFIXES = [null, '', '/', '~', '~/a', '~/b', '~/a/', '~/a/b', '~/k', ' ', ' /', '/nowhere'];

const MEMBERS = [null, '', 'server.2=localhost:1:2;3', 'server.1=localhost:1:2;3', '2', '1', 'x'];
