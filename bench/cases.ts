import { isDriverName } from './drivers/driver-names.ts';
import { type CaseBase, type LoadCase, loadCases, QUOTED_TURNS } from './load/load-cases.ts';
import type { PeerName } from './peers.ts';

export {
  byteLabel,
  CLIENTS,
  type ClientName,
  type LoadCase,
  type LoadClientName,
  loadCaseName,
  notSupported,
  sizeLabel,
  TARGETS,
  type Target,
} from './load/load-cases.ts';

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

/** These measure amounts, which differ little from turn to turn, and take long. */
const MEMORY_TURNS = 2;

function codecCases(): CodecCase[] {
  return CODEC_SUBJECTS.flatMap((subject) =>
    CODEC_VARIANTS.map((variant) => ({
      kind: 'codec' as const,
      name: `codec/${subject}/${variant}`,
      group: `codec/${subject}`,
      turns: QUOTED_TURNS,
      inDefaultRun: true,
      quoted: true,
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
    turns: MEMORY_TURNS,
    inDefaultRun: true,
    quoted: true,
    subject,
  }));
}

/** The npm package that a case needs, if any. */
export function peerOf(benchCase: BenchCase): PeerName | null {
  if (benchCase.kind === 'memory') return null;
  const subject = benchCase.kind === 'codec' ? benchCase.variant : benchCase.client;
  if (isDriverName(subject)) return null;
  if (subject === 'node-zookeeper-client') return subject;
  return subject.startsWith('zookeeper') ? 'zookeeper' : null;
}

/** The whole matrix, in the order in which it runs. */
export function allCases(): BenchCase[] {
  return [...codecCases(), ...memoryCases(), ...loadCases()];
}
