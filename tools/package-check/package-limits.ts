/**
 * What the package may hold and how large it may be. A limit stands about a tenth above what was
 * measured when it was set: room for fixes, not for a new part that nobody has weighed. Whoever
 * raises one says here why users should carry it.
 */

/** Top-level files and folders of the package, each with what users need it for. */
export const CONTENT: Readonly<Record<string, string>> = {
  'package.json': 'npm and Node read it',
  'README.md': 'the page on npm',
  LICENSE: 'the licence asks for it',
  'CHANGELOG.md': 'what an update brings, before it is made',
  dist: 'the program, and the types of what can be imported',
  docs: 'guides and reference of the version that is installed, readable without a network',
  examples: 'programs to copy, which the guides speak of',
  'SECURITY.md': 'whom to tell of a hole, without a network',
  schema: 'the records of the protocol, for those who generate code for another language',
};

/** Largest size of the whole package. */
export const PACKAGE_LIMITS = {
  packedBytes: {
    max: 720_000,
    reason:
      'what an install downloads; source maps and src, which it does without, would double it. The examples are 14 kB of it',
  },
  unpackedBytes: {
    max: 2_600_000,
    reason:
      'what it takes on disk; a good third are comments, which editors show, and 44 kB are examples',
  },
  files: {
    max: 780,
    reason:
      'an install opens each of them; a file of code has a file of types, but for the command',
  },
} as const;

/** What an import of an entry point may load. */
export interface EntryLimit {
  readonly modules: number;
  readonly bytes: number;
  readonly reason: string;
}

/** By import specifier. Each entry point has its limit. */
export const ENTRY_LIMITS: Readonly<Record<string, EntryLimit>> = {
  zkwire: {
    modules: 131,
    bytes: 590_000,
    reason: 'what every program waits for at its start; no server, no conformance kit, no command',
  },
  'zkwire/errors': {
    modules: 2,
    bytes: 15_000,
    reason: 'for telling errors apart: itself and the mark of its classes',
  },
  'zkwire/limits': { modules: 1, bytes: 9_000, reason: 'numbers: itself only' },
  'zkwire/codec': {
    modules: 29,
    bytes: 185_000,
    reason: 'bytes and records only: neither sockets nor timers; half of it is generated records',
  },
  'zkwire/transport': {
    modules: 16,
    bytes: 77_000,
    reason: 'bytes only: of the codec it takes the slabs, and no record',
  },
  'zkwire/pipeline': {
    modules: 32,
    bytes: 172_000,
    reason: 'of the codec it takes headers, xids and the records of its own frames',
  },
  'zkwire/session': {
    modules: 95,
    bytes: 448_000,
    reason: 'all below it, with the codec as a whole: the wire tap describes any frame',
  },
  'zkwire/server': {
    modules: 124,
    bytes: 496_000,
    reason: 'codec and transport, and nothing of the client',
  },
  'zkwire/conform': {
    modules: 113,
    bytes: 675_000,
    reason: 'codec only; half of it is recordings of real servers that checks compare with',
  },
  'zkwire/recipes': {
    modules: 137,
    bytes: 618_000,
    reason: 'the client, and 25 kB of its own',
  },
};
