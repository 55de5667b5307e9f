import { hostPortText } from './host-port.ts';

/** What the system tells of an address that cannot be listened on. */
type ListenError = NodeJS.ErrnoException & {
  readonly address?: string;
  /** Missing when any free port would do. */
  readonly port?: number;
  readonly hostname?: string;
};

/** Why an address cannot be listened on, for who typed it; null for errors of other kinds. */
export function listenFailure(error: unknown): string | null {
  const { code, syscall, port, address, hostname } = error as ListenError;
  if (code === 'ENOTFOUND') return `there is no host '${hostname}'`;
  if (syscall !== 'listen') return null;
  if (code === 'EADDRNOTAVAIL') return `${address} is no address of this machine`;
  if (port === undefined) return null;
  const where = address === undefined ? `port ${port}` : hostPortText({ host: address, port });
  if (code === 'EADDRINUSE') return `something else listens on ${where} already`;
  if (code === 'EACCES') return `no permission to listen on ${where}`;
  return null;
}
