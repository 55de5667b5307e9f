import type { SlabPool } from '../codec/slab-pool.ts';
import { LinkError } from '../errors.ts';
import type { ByteLink } from './byte-link.ts';
import { memoryLinkPair } from './memory-link.ts';

/** What a connect string puts before the name of a server in this process. */
export const MEMORY_PREFIX = 'memory:';

/** A letter first, so that it is never taken for a port. */
const NAME = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/;

/** Takes the server's end of a new connection. */
export type AcceptLink = (link: ByteLink) => void;

/** Servers of this process, by name. A server takes its entry away when it closes. */
const endpoints = new Map<string, AcceptLink>();

/** Whether `host` is `memory:` or `memory:NAME`. */
export function isMemoryHost(host: string): boolean {
  if (!host.startsWith(MEMORY_PREFIX)) return false;
  const name = host.slice(MEMORY_PREFIX.length);
  return name === '' || NAME.test(name);
}

/**
 * Takes connections to `memory:NAME` from within this process; gives the function that ends it.
 * A name is a letter and up to 63 letters, digits, `.`, `_` or `-`; throws a RangeError for any other,
 * and for one that is taken.
 */
export function listenInMemory(name: string, accept: AcceptLink): () => void {
  if (!NAME.test(name)) throw new RangeError(`a memory name is like 'server-1', not '${name}'`);
  if (endpoints.has(name)) throw new RangeError(`${MEMORY_PREFIX}${name} is taken in this process`);
  endpoints.set(name, accept);
  return () => {
    if (endpoints.get(name) === accept) endpoints.delete(name);
  };
}

/**
 * Connects to a server of this process: `memory:NAME`, or `memory:` where there is only one.
 * Throws a LinkError `LINK_FAILED` when there is none of that name. Bytes move by microtasks.
 */
export function dialInMemory(host: string, pool?: SlabPool): ByteLink {
  const name = host.slice(MEMORY_PREFIX.length);
  const accept = name === '' ? onlyEndpoint(host) : endpoints.get(name);
  if (accept === undefined) {
    throw new LinkError('LINK_FAILED', host, new Error(`no server of this process is ${host}`));
  }
  const { client, server } = memoryLinkPair({ delivery: 'socket', pool, host });
  accept(server);
  return client;
}

function onlyEndpoint(host: string): AcceptLink | undefined {
  if (endpoints.size > 1) {
    const names = [...endpoints.keys()].map((name) => MEMORY_PREFIX + name).join(', ');
    throw new LinkError('LINK_FAILED', host, new Error(`several servers: name one of ${names}`));
  }
  for (const accept of endpoints.values()) return accept;
  return undefined;
}
