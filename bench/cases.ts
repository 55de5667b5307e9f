import type { Operation } from './adapters/adapter.ts';
import type { PeerName } from './peers.ts';

export const CLIENTS = [
  'raw-socket',
  'raw-promise',
  'zkwire-promise',
  'zkwire-callback',
  'zookeeper',
  'zookeeper-native',
  'zookeeper-by-name',
  'node-zookeeper-client',
] as const;
export type ClientName = (typeof CLIENTS)[number];

export const TARGETS = ['null', 'embedded', 'real'] as const;
export type Target = (typeof TARGETS)[number];

interface CaseBase {
  /** Unique, and what `--filter` is matched against. */
  name: string;
  /** Cases of one group run in turns: A B A B. */
  group: string;
  turns: number;
  /** Part of the default run, the one that ends in five minutes? The others need `--all`. */
  inDefaultRun: boolean;
}

export interface LoadCase extends CaseBase {
  kind: 'load';
  client: ClientName;
  target: Target;
  operation: Operation;
  payloadBytes: number;
  depth: number;
}

export const CODEC_SUBJECTS = [
  'decode-get-data-reply',
  'decode-get-data-body',
  'decode-stat',
  'encode-get-data-request',
] as const;
export type CodecSubject = (typeof CODEC_SUBJECTS)[number];
export const CODEC_VARIANTS = ['zkwire', 'node-zookeeper-client'] as const;
export type CodecVariant = (typeof CODEC_VARIANTS)[number];

export interface CodecCase extends CaseBase {
  kind: 'codec';
  subject: CodecSubject;
  variant: CodecVariant;
}

export const MEMORY_SUBJECTS = ['in-flight-heap', 'rss-growth', 'bytes-copied'] as const;
export type MemorySubject = (typeof MEMORY_SUBJECTS)[number];

export interface MemoryCase extends CaseBase {
  kind: 'memory';
  subject: MemorySubject;
}

export type BenchCase = LoadCase | CodecCase | MemoryCase;

/** What ratios are quoted from: enough turns for a median that one bad turn does not move. */
const HEADLINE_TURNS = 5;
const SECONDARY_TURNS = 2;
const DEPTHS = [1, 16, 128, 1024];
const PAYLOADS_BYTES = [100, 1024];
const OPERATIONS: readonly Operation[] = ['get', 'set'];

/** Clients of every load group; the other baseline and the variants of npm `zookeeper` are in few. */
const EVERYWHERE: readonly ClientName[] = [
  'raw-socket',
  'zkwire-promise',
  'zkwire-callback',
  'zookeeper',
  'node-zookeeper-client',
];

export function byteLabel(bytes: number): string {
  return bytes >= 1024 && bytes % 1024 === 0 ? `${bytes / 1024}KiB` : `${bytes}B`;
}

export function loadCaseName(
  target: Target,
  operation: Operation,
  payloadBytes: number,
  depth: number,
  client: ClientName,
): string {
  return `load/${target}/${operation}/${byteLabel(payloadBytes)}/depth-${depth}/${client}`;
}

/** Groups whose ratios are the first figures of the table "what it must show". */
function isHeadline(target: Target, operation: Operation, bytes: number, depth: number): boolean {
  return target === 'null' && operation === 'get' && bytes === 100 && depth !== 16;
}

function isInDefaultRun(
  target: Target,
  operation: Operation,
  bytes: number,
  depth: number,
): boolean {
  if (isHeadline(target, operation, bytes, depth)) return true;
  if (bytes !== 100 || depth === 16) return false;
  return depth === 128 || (target !== 'null' && operation === 'get');
}

/** Embedded and real server are set beside each other as the bare socket sees them. */
function comparesServers(
  target: Target,
  operation: Operation,
  bytes: number,
  depth: number,
): boolean {
  return target !== 'null' && operation === 'get' && bytes === 100 && depth === 1024;
}

function loadGroup(
  target: Target,
  operation: Operation,
  payloadBytes: number,
  depth: number,
): LoadCase[] {
  const headline = isHeadline(target, operation, payloadBytes, depth);
  const group = loadCaseName(target, operation, payloadBytes, depth, 'raw-socket').replace(
    /\/[^/]*$/,
    '',
  );
  const inDefaultRun = isInDefaultRun(target, operation, payloadBytes, depth);
  const servers = comparesServers(target, operation, payloadBytes, depth);
  return CLIENTS.filter((client) => isInGroup(client, headline, depth)).map((client) => ({
    kind: 'load',
    name: loadCaseName(target, operation, payloadBytes, depth, client),
    group,
    turns: turnsOf(client, target, headline, servers),
    inDefaultRun: inDefaultRun && !isLeftOut(target, depth, client),
    client,
    target,
    operation,
    payloadBytes,
    depth,
  }));
}

/** What tells nothing new, of groups of the default run. */
function isLeftOut(target: Target, depth: number, client: ClientName): boolean {
  if (target === 'null') return false;
  // Where the server is the limit, both APIs of zkwire are the same line, and all fast clients are.
  if (client === 'zkwire-callback') return target === 'real' || depth !== 1024;
  return target === 'real' && depth === 1024 && client !== 'raw-socket';
}

function isInGroup(client: ClientName, headline: boolean, depth: number): boolean {
  if (EVERYWHERE.includes(client)) return true;
  if (!headline) return false;
  return client === 'raw-promise' || depth === 128;
}

function turnsOf(client: ClientName, target: Target, headline: boolean, servers: boolean): number {
  if (servers && client === 'raw-socket') return HEADLINE_TURNS;
  // Slow clients are the limit on any server that is faster than they are.
  if (target === 'embedded' && client.includes('zookeeper')) return 1;
  return !headline || client.startsWith('zookeeper-') ? SECONDARY_TURNS : HEADLINE_TURNS;
}

function loadCases(): LoadCase[] {
  const groups: LoadCase[][] = [];
  for (const target of TARGETS) {
    for (const operation of OPERATIONS) {
      for (const payloadBytes of PAYLOADS_BYTES) {
        for (const depth of DEPTHS) groups.push(loadGroup(target, operation, payloadBytes, depth));
      }
    }
  }
  return groups.flat();
}

function codecCases(): CodecCase[] {
  return CODEC_SUBJECTS.flatMap((subject) =>
    CODEC_VARIANTS.map((variant) => ({
      kind: 'codec' as const,
      name: `codec/${subject}/${variant}`,
      group: `codec/${subject}`,
      turns: HEADLINE_TURNS,
      inDefaultRun: true,
      subject,
      variant,
    })),
  );
}

function memoryCases(): MemoryCase[] {
  return MEMORY_SUBJECTS.map((subject) => ({
    kind: 'memory',
    name: `memory/${subject}`,
    group: `memory/${subject}`,
    turns: HEADLINE_TURNS,
    inDefaultRun: true,
    subject,
  }));
}

/** The npm package that a case needs, if any. */
export function peerOf(benchCase: BenchCase): PeerName | null {
  if (benchCase.kind === 'memory') return null;
  const subject = benchCase.kind === 'codec' ? benchCase.variant : benchCase.client;
  if (subject === 'node-zookeeper-client') return subject;
  return subject.startsWith('zookeeper') ? 'zookeeper' : null;
}

/** The whole matrix, in the order in which it runs. */
export function allCases(): BenchCase[] {
  return [...codecCases(), ...memoryCases(), ...loadCases()];
}
