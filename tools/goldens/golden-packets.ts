import type { DecodedFrame, FrameValue, JuteValue } from './apache-decoder.ts';
import type { CapturedFrame } from './frames.ts';

/** Where a golden comes from. */
interface GoldenSource {
  client: string;
  clientVersion: string;
  serverVersion: string;
  /** File below `test/fixtures/`. */
  capture: string;
  /** Number of the frame within the capture, from 0 in the order in which frames complete. */
  frame: number;
}

/** One golden packet: bytes off the wire and what Apache's classes read from them. */
export interface GoldenCase {
  name: string;
  direction: 'c2s' | 's2c';
  kind: FrameValue['kind'];
  /** Name of the body's record; null when there is no body. */
  type: string | null;
  /** Operation code; null for a handshake. */
  op: number | null;
  /** The whole frame, length prefix included. */
  hex: string;
  value: FrameValue;
  /** False when encoding `value` does not give `hex` again; `whyNot` says why. */
  reencodes: boolean;
  whyNot?: string;
  source: GoldenSource;
}

/** A frame with all that a golden says about it. */
export interface Candidate {
  frame: CapturedFrame;
  decoded: DecodedFrame;
  source: GoldenSource;
}

/** Name of the fixture of operation `null`: the handshake. */
const HANDSHAKE = 'connect';

/** Names of Apache's `ZooDefs.OpCode`, which are the names of the fixture files. */
const OPERATION_NAMES: ReadonlyMap<number | null, string> = new Map([
  [null, HANDSHAKE],
  [0, 'notification'],
  [1, 'create'],
  [2, 'delete'],
  [3, 'exists'],
  [4, 'getData'],
  [5, 'setData'],
  [6, 'getACL'],
  [7, 'setACL'],
  [8, 'getChildren'],
  [9, 'sync'],
  [11, 'ping'],
  [12, 'getChildren2'],
  [14, 'multi'],
  [15, 'create2'],
  [16, 'reconfig'],
  [17, 'checkWatches'],
  [18, 'removeWatches'],
  [19, 'createContainer'],
  [21, 'createTTL'],
  [22, 'multiRead'],
  [100, 'auth'],
  [101, 'setWatches'],
  [102, 'sasl'],
  [103, 'getEphemerals'],
  [104, 'getAllChildrenNumber'],
  [105, 'setWatches2'],
  [106, 'addWatch'],
  [107, 'whoAmI'],
  [-11, 'closeSession'],
]);

/** Frames above this go into a fixture of their own: tests that go through every offset want small ones. */
const LARGE_BYTES_MIN = 2048;
export const LARGE = 'large';

/** Fields whose value makes a case of its own. */
const TELLING = new Set([
  'err',
  'flags',
  'mode',
  'op',
  'readOnly',
  'scheme',
  'state',
  'type',
  'watch',
]);
/** Fields of which only the sign matters: -1 means "any" or "none", 0 means "new" or "never". */
const SIGNED = new Set([
  ...['version', 'timeOut', 'sessionId', 'lastZxidSeen', 'ephemeralOwner', 'curConfigId'],
  'relativeZxid',
]);
/** Fields of which only being negative matters: events and refusals have the zxid -1. */
const NEGATIVE = new Set(['xid', 'zxid']);

function sign(value: JuteValue): string {
  const number = Number(value);
  if (number === 0) return '0';
  return number < 0 ? '-' : '+';
}

function textShape(text: string): string {
  if (text === '') return 'empty';
  return /^[\x20-\x7e]*$/.test(text) ? 'text' : 'unicode';
}

function scalarShape(field: string, value: boolean | number | string): string {
  if (TELLING.has(field)) return String(value);
  if (NEGATIVE.has(field)) return Number(value) < 0 ? String(value) : '+';
  if (SIGNED.has(field)) return sign(value);
  return typeof value === 'string' ? textShape(value) : '*';
}

/** What two frames must differ in for both to be kept: nullness, emptiness, flags, codes, not values. */
function shapeOf(value: JuteValue, field = ''): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) {
    const shapes = value.map((one) => shapeOf(one, field));
    // The order of a multi's operations is part of its shape, the order of children is not.
    const kinds = shapes.some((shape) => shape.includes('op='))
      ? shapes
      : [...new Set(shapes)].sort();
    return `[${kinds.join(' ')}]`;
  }
  if (typeof value !== 'object') return scalarShape(field, value);
  const parts = Object.entries(value).map(([name, one]) => `${name}=${shapeOf(one, name)}`);
  return `{${parts.join(' ')}}`;
}

function nameDetails(value: JuteValue, field = ''): string[] {
  if (value === null) return [`${field} null`];
  if (Array.isArray(value)) {
    return value.length === 0
      ? [`no ${field}`]
      : [...new Set(value.flatMap((one) => nameDetails(one)))];
  }
  if (typeof value === 'object') {
    return Object.entries(value).flatMap(([name, one]) => nameDetails(one, name));
  }
  if (TELLING.has(field) && value !== 0 && value !== false) return [`${field} ${value}`];
  if (field === 'xid' && Number(value) < 0) return [`xid ${value}`];
  if (typeof value !== 'string') return [];
  const shape = textShape(value);
  return shape === 'text' ? [] : [`${field} ${shape}`];
}

const NAME_DETAILS_MAX = 6;

/** What a handshake is about. */
function handshakeDetails({ kind, type, record, readOnly }: FrameValue): string[] {
  if (type === undefined) return [];
  const { sessionId, timeOut } = record as { sessionId: string; timeOut: number };
  const about = kind === 'creq' ? 'resume' : 'session';
  return [
    ...(sessionId === '0' ? [] : [about]),
    ...(kind === 'cresp' && timeOut === 0 ? ['expired'] : []),
    ...(readOnly === undefined ? ['without readOnly'] : readOnly ? ['readOnly'] : []),
  ];
}

function nameOf({ frame, decoded, source }: Candidate): string {
  const { header, record } = decoded.value;
  const details = [
    ...(frame.op === null ? handshakeDetails(decoded.value) : []),
    ...nameDetails(header ?? null, 'header').filter((detail) => !/^(type|header)/.test(detail)),
    ...nameDetails(record ?? [], 'record').filter((detail) => detail !== 'no record'),
  ];
  const kind = { creq: 'request', cresp: 'response', req: 'request', resp: 'response' }[frame.kind];
  const upstreamVersion = /^[^-+]+/.exec(source.clientVersion)?.[0] ?? source.clientVersion;
  const text = `${source.client} ${upstreamVersion} ${kind}`;
  const kept = details.slice(0, NAME_DETAILS_MAX);
  return kept.length === 0 ? text : `${text}: ${kept.join(', ')}`;
}

function whyNotAgain({ frame }: Candidate): string {
  return /eda[0-9a-f]|edb[0-9a-f]/.test(frame.hex)
    ? "characters above U+FFFF as Apache's Java writes them, each surrogate on its own"
    : "differs from what Apache's own serializer writes for the same values";
}

function caseOf(candidate: Candidate, name: string): GoldenCase {
  const { frame, decoded, source } = candidate;
  return {
    name,
    direction: frame.direction,
    kind: frame.kind,
    type: decoded.value.type ?? null,
    op: frame.op,
    hex: frame.hex,
    value: decoded.value,
    reencodes: decoded.reencodes,
    ...(decoded.reencodes ? {} : { whyNot: whyNotAgain(candidate) }),
    source,
  };
}

function fixtureOf({ frame }: Candidate): string {
  if (frame.hex.length / 2 >= LARGE_BYTES_MIN) return LARGE;
  const name = OPERATION_NAMES.get(frame.op);
  if (name === undefined) throw new Error(`no fixture for operation ${frame.op}`);
  return name;
}

/**
 * Chooses goldens from all candidates, in their order: for each fixture, direction and client the first
 * of each shape. Gives the cases by fixture name; names of cases are unique within a fixture.
 */
export function chooseGoldens(candidates: readonly Candidate[]): Map<string, GoldenCase[]> {
  const seen = new Set<string>();
  const fixtures = new Map<string, GoldenCase[]>();
  for (const candidate of candidates) {
    const { frame, decoded, source } = candidate;
    const fixture = fixtureOf(candidate);
    const { bytes: _bytes, ...value } = decoded.value;
    const shape = shapeOf(value as { [name: string]: JuteValue });
    const key = [fixture, source.client, source.serverVersion, frame.direction, shape].join('|');
    if (seen.has(key)) continue;
    seen.add(key);
    const cases = fixtures.get(fixture) ?? [];
    fixtures.set(fixture, cases);
    const name = nameOf(candidate);
    const same = cases.filter(
      (one) => one.name === name || one.name.startsWith(`${name} #`),
    ).length;
    cases.push(caseOf(candidate, same === 0 ? name : `${name} #${same + 1}`));
  }
  return fixtures;
}
