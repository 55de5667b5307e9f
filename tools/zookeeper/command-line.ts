import { parseArgs } from 'node:util';
import type { ClientAuth, SaslUsers, ServerOptions } from './server-options.ts';

/** What the command line asks for. */
export type Command = { readonly kind: 'help' } | { readonly kind: 'find' } | StartCommand;

/** Start servers and keep them until a signal comes or the time is over. */
export interface StartCommand {
  readonly kind: 'start';
  /** Number of servers of an ensemble; undefined for a standalone server. */
  readonly ensembleSize: number | undefined;
  /** Stop after this time; undefined for never. */
  readonly runForMs: number | undefined;
  /** Start zkwire's own server, not Apache's. */
  readonly isEmbedded: boolean;
  readonly server: ServerOptions;
}

/** The command line cannot be understood; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const HELP = `Finds an Apache ZooKeeper on this machine and runs throw-away servers of it.

usage: npm run zookeeper -- find
       npm run zookeeper -- start [options]

find    prints which ZooKeeper and which Java would be used
start   starts a server on 127.0.0.1, prints where it listens, stops it on Ctrl-C

options of start:
  --port N            client port (default: a free one; not with --ensemble)
  --embedded          zkwire's own server instead of Apache's (not with --ensemble)
  --ensemble          three servers instead of one
  --size N            number of servers of the ensemble (default 3)
  --tls               open a TLS port too, with throw-away certificates
  --client-auth WHAT  need, want or none: the client's certificate (default need)
  --sasl USER:PASS    let USER log in with SASL DIGEST-MD5; may be repeated
  --require-sasl      refuse the requests of clients that have not logged in
  --tick-time MS      ZooKeeper's tickTime (default 2000)
  --heap MIB          largest Java heap of a server (default 256)
  --data-dir PATH     keep the data there (default: removed at the end)
  --config LINE       a further line of zoo.cfg, such as enforceQuota=true; may be repeated
  --seconds N         stop after N seconds

It looks at ZOOKEEPER_HOME first, then for Debian's package.
Exit codes: 0 done, 1 not found or failed, 2 wrong usage.
`;

/** Reads the arguments behind the program's name. @throws UsageError */
export function parseCommandLine(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help) return { kind: 'help' };
  const [verb, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`unexpected argument ${rest[0]}`);
  const given = Object.keys(values);
  if (verb === 'find') {
    if (given.length > 0) throw new UsageError(`find takes no option --${given[0]}`);
    return { kind: 'find' };
  }
  if (verb !== 'start') throw new UsageError(verb ? `unknown command ${verb}` : 'no command given');
  return startCommand(values);
}

type Values = ReturnType<typeof parse>['values'];

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        port: { type: 'string' },
        embedded: { type: 'boolean' },
        ensemble: { type: 'boolean' },
        size: { type: 'string' },
        tls: { type: 'boolean' },
        'client-auth': { type: 'string' },
        sasl: { type: 'string', multiple: true },
        'require-sasl': { type: 'boolean' },
        'tick-time': { type: 'string' },
        heap: { type: 'string' },
        'data-dir': { type: 'string' },
        config: { type: 'string', multiple: true },
        seconds: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function startCommand(values: Values): StartCommand {
  const port = integer('port', values.port, 1, 65_535);
  const tickTimeMs = integer('tick-time', values['tick-time'], 1, 3_600_000);
  const heapMiB = integer('heap', values.heap, 32, 1_048_576);
  const size = integer('size', values.size, 1, 9);
  const seconds = integer('seconds', values.seconds, 1, 2_000_000);
  const clientAuth = clientAuthOf(values['client-auth']);
  const sasl = saslUsersOf(values.sasl ?? [], values['require-sasl'] === true);
  const configLines = values.config ?? [];
  for (const line of configLines) {
    if (!/^[\w.]+=/.test(line)) throw new UsageError(`--config wants name=value, not ${line}`);
  }
  const isEnsemble = values.ensemble === true || size !== undefined;
  if (isEnsemble && port !== undefined) throw new UsageError('--port is for one server only');
  const isEmbedded = values.embedded === true;
  if (isEnsemble && isEmbedded) throw new UsageError('--embedded is for one server only');
  const isTls = values.tls === true || clientAuth !== undefined;
  return {
    kind: 'start',
    isEmbedded,
    ensembleSize: isEnsemble ? (size ?? 3) : undefined,
    runForMs: seconds === undefined ? undefined : seconds * 1_000,
    server: {
      configLines,
      ...(port !== undefined && { port }),
      ...(tickTimeMs !== undefined && { tickTimeMs }),
      ...(heapMiB !== undefined && { heapMiB }),
      ...(values['data-dir'] !== undefined && { dataDir: values['data-dir'] }),
      ...(sasl && { sasl }),
      ...(isTls && { tls: { clientAuth: clientAuth ?? 'need' } }),
    },
  };
}

function integer(
  name: string,
  text: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${name} wants a whole number from ${least} to ${most}, not ${text}`);
}

function clientAuthOf(text: string | undefined): ClientAuth | undefined {
  if (text === undefined || text === 'need' || text === 'want' || text === 'none') return text;
  throw new UsageError(`--client-auth wants need, want or none, not ${text}`);
}

function saslUsersOf(texts: readonly string[], isRequired: boolean): SaslUsers | undefined {
  if (texts.length === 0 && !isRequired) return undefined;
  if (texts.length === 0) throw new UsageError('--require-sasl needs users: --sasl USER:PASS');
  const users = texts.map((text) => {
    const colon = text.indexOf(':');
    // The text stays out of the message: it may be a password.
    if (colon < 1) throw new UsageError('--sasl wants USER:PASS');
    return [text.slice(0, colon), text.slice(colon + 1)];
  });
  return { users: Object.fromEntries(users), login: isRequired ? 'required' : 'optional' };
}
