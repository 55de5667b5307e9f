import { UsageError } from './usage-error.ts';

/** Where a host name or address and a TCP port meet. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port` or `[v6]:port`; null when it is neither. Port 0, which is any free one, is a port. */
export function readHostPort(text: string): HostPort | null {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) return null;
  return { host: match[1] ?? match[2] ?? '', port };
}

/** As it is typed: an IPv6 address in brackets. */
export function hostPortText({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The server that a command is to connect to. Throws a UsageError when it is missing or no address. */
export function serverAddress(text: string | undefined): HostPort {
  if (text === undefined) throw new UsageError("the server's HOST:PORT is missing");
  const address = readHostPort(text);
  if (address === null || address.port === 0) {
    throw new UsageError(`the server's HOST:PORT is not '${text}'`);
  }
  return address;
}
