import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { fileFailure } from './file-failure.ts';
import { UsageError } from './usage-error.ts';

/** What a command line says of TLS to a server, for `parseOptions`. */
export const TLS_OPTIONS = {
  tls: { type: 'boolean', default: false },
  ca: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  servername: { type: 'string' },
} as const;

/** The files and the name of it. */
export interface TlsRequest {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly servername: string | undefined;
}

/** Any of the options asks for TLS; undefined when there is none. Throws a UsageError. */
export function tlsRequest(
  values: { readonly tls: boolean } & Partial<TlsRequest>,
): TlsRequest | undefined {
  const { ca, cert, key, servername } = values;
  const isAsked = values.tls || [ca, cert, key, servername].some((each) => each !== undefined);
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError('--cert and --key are needed together');
  }
  return isAsked ? { ca, cert, key, servername } : undefined;
}

/** Reads the files. Throws a UsageError that names the option. */
export async function readTls(
  request: TlsRequest | undefined,
): Promise<ConnectionOptions | undefined> {
  if (request === undefined) return undefined;
  const { servername } = request;
  const read = async (option: string, file: string | undefined): Promise<ConnectionOptions> => {
    if (file === undefined) return {};
    try {
      return { [option]: await readFile(file) };
    } catch (error) {
      throw new UsageError(`--${option} ${file}: ${fileFailure(error)}`);
    }
  };
  return {
    ...(await read('ca', request.ca)),
    ...(await read('cert', request.cert)),
    ...(await read('key', request.key)),
    ...(servername === undefined ? {} : { servername }),
  };
}
