import { isIPv6 } from 'node:net';
import { ConnectError } from '../errors.ts';
import { CONNECT_STRING_CHARS_MAX } from '../limits.ts';

/** Port of a server when the connect string names none. */
export const PORT_DEFAULT = 2181;

export interface Endpoint {
  /** Name or address; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** `[v6]` or `[v6]:port`; `host` or `host:port`. */
const BRACKETED = /^\[(?<host>[^\]]*)\](?::(?<port>\d{1,5}))?$/;
const NAMED = /^(?<host>[^\s:[\]]+)(?::(?<port>\d{1,5}))?$/;

/**
 * Servers of a connect string (`host[:port],...`). Throws a ConnectError that names the part that is wrong.
 * A chroot suffix (`/path`) is refused, not ignored: this version has none.
 */
export function parseConnectString(text: string): readonly Endpoint[] {
  if (typeof text !== 'string') throw bad(`must be a string, not ${typeof text}`);
  if (text.length > CONNECT_STRING_CHARS_MAX) {
    throw bad(`longer than ${CONNECT_STRING_CHARS_MAX} characters`);
  }
  const slash = text.indexOf('/');
  if (slash >= 0 && slash < text.length - 1) {
    throw bad(`a chroot (${JSON.stringify(text.slice(slash))}) is not supported`);
  }
  const hosts = slash < 0 ? text : text.slice(0, slash);
  return hosts.split(',').map((part) => parseEndpoint(part.trim()));
}

function parseEndpoint(part: string): Endpoint {
  // An IPv6 address without brackets cannot be told from its port, so it has none.
  if (isIPv6(part)) return { host: part, port: PORT_DEFAULT };
  const bracketed = part.startsWith('[');
  const groups = (bracketed ? BRACKETED : NAMED).exec(part)?.groups;
  const host = groups?.host ?? '';
  if (groups === undefined || (bracketed && !isIPv6(host))) {
    throw bad(`${JSON.stringify(part)} is not host, host:port, [ipv6] or [ipv6]:port`);
  }
  const port = groups.port === undefined ? PORT_DEFAULT : Number(groups.port);
  if (port < 1 || port > 65_535) {
    throw bad(`port ${port} of ${JSON.stringify(part)} is not 1..65535`);
  }
  return { host, port };
}

function bad(detail: string): ConnectError {
  return new ConnectError('BAD_CONNECT_STRING', undefined, `connect string: ${detail}`);
}
