import { isIPv6 } from 'node:net';
import { pathFault } from '../codec/index.ts';
import { ConnectError } from '../errors.ts';
import { CONNECT_STRING_CHARS_MAX, SERVERS_MAX } from '../limits.ts';
import { isMemoryHost } from '../transport/index.ts';

/** Port of a server when the connect string names none. */
export const PORT_DEFAULT = 2181;

/** A server of the ensemble. */
export interface Endpoint {
  /** Name or address; an IPv6 address without brackets; `memory:NAME` for a server of this process. */
  readonly host: string;
  /** 1 to 65,535; 0 for a server of this process. */
  readonly port: number;
}

/** What a connect string says. */
export interface ConnectString {
  /** At least one, each once, in the order of the text. */
  readonly servers: readonly Endpoint[];
  /** Path that all paths of the client are under: '' for none, else like `/a/b`. */
  readonly chroot: string;
}

/** `[v6]` or `[v6]:port`; `host` or `host:port`. */
const BRACKETED = /^\[(?<host>[^\]]*)\](?::(?<port>\d{1,5}))?$/;
const NAMED = /^(?<host>[^\s\p{Cc}:[\]]+)(?::(?<port>\d{1,5}))?$/u;

/**
 * Reads `host[:port],...[/chroot]`. A server that is named twice counts once; `/` alone is no chroot.
 * Throws a ConnectError `BAD_CONNECT_STRING` that names the part that is wrong.
 */
export function parseConnectString(text: string): ConnectString {
  if (typeof text !== 'string') throw bad(`must be a string, not ${typeof text}`);
  if (text.length > CONNECT_STRING_CHARS_MAX) {
    throw bad(`longer than ${CONNECT_STRING_CHARS_MAX} characters`);
  }
  const slash = text.indexOf('/');
  const hosts = slash < 0 ? text : text.slice(0, slash);
  const servers = distinctEndpoints(hosts.split(',').map((part) => parseEndpoint(part.trim())));
  if (servers.length > SERVERS_MAX) {
    throw bad(`${servers.length} servers, more than ${SERVERS_MAX}`);
  }
  return { servers, chroot: slash < 0 ? '' : parseChroot(text.slice(slash)) };
}

function parseEndpoint(part: string): Endpoint {
  // An IPv6 address without brackets cannot be told from its port, so it has none.
  // The question costs Node milliseconds the first time, more than all the rest of a connect: only with two colons.
  if (part.indexOf(':') !== part.lastIndexOf(':') && isIPv6(part)) {
    return { host: part, port: PORT_DEFAULT };
  }
  if (isMemoryHost(part)) return { host: part, port: 0 };
  const bracketed = part.startsWith('[');
  const groups = (bracketed ? BRACKETED : NAMED).exec(part)?.groups;
  const host = groups?.host ?? '';
  if (groups === undefined || (bracketed && !isIPv6(host))) {
    throw bad(`${JSON.stringify(part)} is not host, host:port, [ipv6], [ipv6]:port or memory:name`);
  }
  const port = groups.port === undefined ? PORT_DEFAULT : Number(groups.port);
  if (port < 1 || port > 65_535) {
    throw bad(`port ${port} of ${JSON.stringify(part)} is not 1..65535`);
  }
  return { host, port };
}

function parseChroot(path: string): string {
  if (path === '/') return '';
  const fault = pathFault(path);
  if (fault !== null) throw bad(`chroot ${JSON.stringify(path)}: ${fault}`);
  return path;
}

function bad(detail: string): ConnectError {
  return new ConnectError('BAD_CONNECT_STRING', undefined, `connect string: ${detail}`);
}

/** Whether both name the same server. Names are compared, not the addresses behind them. */
export function sameEndpoint(one: Endpoint, other: Endpoint): boolean {
  return endpointKey(one) === endpointKey(other);
}

/** The same endpoints in the same order, each once. */
export function distinctEndpoints(endpoints: readonly Endpoint[]): Endpoint[] {
  const byKey = new Map<string, Endpoint>();
  for (const endpoint of endpoints) {
    const key = endpointKey(endpoint);
    if (!byKey.has(key)) byKey.set(key, endpoint);
  }
  return [...byKey.values()];
}

/** Names and IPv6 addresses do not tell upper from lower case. */
function endpointKey({ host, port }: Endpoint): string {
  return `${host.toLowerCase()} ${port}`;
}
