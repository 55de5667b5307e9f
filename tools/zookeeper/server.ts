import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fourLetterWord } from './four-letter-word.ts';
import { freePorts } from './free-ports.ts';
import { findZooKeeper } from './installation.ts';
import { makeOwnedDirectory, removeOwnedDirectory } from './owned-resources.ts';
import { dataDirOf, type ServerSpec, writeServerFiles } from './server-config.ts';
import type { ServerOptions } from './server-options.ts';
import { type ServerProcess, startProcess, tailOfFile } from './server-process.ts';
import { type TlsFiles, tlsConfigLines, wantedClientAuth, writeTlsFiles } from './tls-files.ts';

/** What a server says of itself in `srvr`; undefined while it serves nobody. */
export type ServerMode = 'standalone' | 'leader' | 'follower' | 'observer' | 'read-only';

/** A ZooKeeper server on 127.0.0.1 that this process started. */
export interface ZooKeeperServer extends AsyncDisposable {
  readonly host: string;
  /** Port for clients without TLS. */
  readonly port: number;
  /** `host:port`, without TLS. */
  readonly connectString: string;
  /** Port for clients with TLS, when it was asked for. */
  readonly securePort: number | undefined;
  /** Certificates and keys for clients of `securePort`. */
  readonly tls: TlsFiles | undefined;
  readonly version: string;
  /** Process id of the server, the last one after it has ended. */
  readonly pid: number;
  readonly running: boolean;
  readonly dataDir: string;
  /** The last lines of its log (default 40), also after it has ended. */
  logTail(lines?: number): string;
  /** Answer to a four-letter word. Rejects when the server does not answer in two seconds. */
  fourLetterWord(word: string): Promise<string>;
  /** What it is now; undefined when it does not serve. Never rejects. */
  mode(): Promise<ServerMode | undefined>;
  /** Ends it, waits for that, removes its throw-away directory. Calling it again is harmless. */
  stop(): Promise<void>;
  /** Ends it and waits for that, but keeps ports and data for `restart()`. Default SIGKILL. */
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Freezes it (SIGSTOP): connections stay open and nothing answers. */
  pause(): void;
  /** Ends a `pause()`. */
  resume(): void;
  /**
   * Ends it if it runs and starts it again with the same ports and data. Resolves when it serves, or,
   * with `waitUntilServing: false` (a member without quorum does not serve), when it is launched.
   */
  restart(options?: { readonly waitUntilServing?: boolean }): Promise<void>;
}

/** A server did not come to serve. The message ends with the last lines of its log. */
export class ServerStartError extends Error {
  override readonly name = 'ServerStartError';
  /** True when one of its ports was in use. */
  readonly portTaken: boolean;

  constructor(reason: string, logTail: string) {
    super(`ZooKeeper did not start: ${reason}\n${logTail}`);
    this.portTaken = /Address already in use|BindException/.test(logTail);
  }
}

/** How often a start is tried with other ports when one that looked free was taken. */
export const PORT_ATTEMPTS = 5;

/**
 * Starts a standalone server and waits until it serves.
 *
 * @throws ZooKeeperNotFound when there is none on this machine.
 * @throws ServerStartError when it ends, or does not serve in `startTimeoutMs`.
 */
export async function startServer(options: ServerOptions = {}): Promise<ZooKeeperServer> {
  const installation = options.installation ?? findZooKeeper();
  for (let attempt = 1; ; attempt++) {
    const directory = makeOwnedDirectory();
    try {
      const tls = options.tls ? writeTlsFiles(join(directory, 'tls')) : undefined;
      const [port, securePort] = (await freePorts(2)) as [number, number];
      const server = new LocalServer(
        {
          installation,
          options,
          directory,
          port: options.port ?? port,
          ...(tls ? { securePort } : {}),
          tlsLines: tls ? tlsConfigLines(tls, securePort, wantedClientAuth(options.tls)) : [],
          ensembleLines: [],
        },
        tls,
        () => removeOwnedDirectory(directory),
      );
      await server.startOrStop();
      return server;
    } catch (error) {
      removeOwnedDirectory(directory);
      const retry = error instanceof ServerStartError && error.portTaken && !options.port;
      if (!retry || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

const POLL_MS = 50;
const STOP_GRACE_MS = 5_000;

/** One server process and its files; standalone or a member of an ensemble. */
export class LocalServer implements ZooKeeperServer {
  readonly host = '127.0.0.1';
  readonly tls: TlsFiles | undefined;
  readonly #spec: ServerSpec;
  readonly #removeFiles: () => void;
  readonly #logPath: string;
  #process: ServerProcess | undefined;
  #lastLog: string | undefined;

  constructor(spec: ServerSpec, tls: TlsFiles | undefined, removeFiles: () => void) {
    this.#spec = spec;
    this.tls = tls;
    this.#removeFiles = removeFiles;
    this.#logPath = join(spec.directory, 'server.log');
  }

  get port(): number {
    return this.#spec.port;
  }

  get securePort(): number | undefined {
    return this.#spec.securePort;
  }

  get connectString(): string {
    return `${this.host}:${this.port}`;
  }

  get version(): string {
    return this.#spec.installation.version;
  }

  get pid(): number {
    return this.#process?.pid ?? -1;
  }

  get running(): boolean {
    return this.#process !== undefined && this.#process.ending === undefined;
  }

  get dataDir(): string {
    return dataDirOf(this.#spec);
  }

  logTail(lines: number = 40): string {
    return this.#lastLog?.split('\n').slice(-lines).join('\n') ?? tailOfFile(this.#logPath, lines);
  }

  fourLetterWord(word: string): Promise<string> {
    return fourLetterWord(this.port, word);
  }

  async mode(): Promise<ServerMode | undefined> {
    const answer = await this.fourLetterWord('srvr').catch(() => '');
    return /^Mode: (\S+)/m.exec(answer)?.[1] as ServerMode | undefined;
  }

  /** Starts the process without waiting for it to serve. */
  launch(): void {
    if (this.#lastLog !== undefined) throw new Error('this server was stopped for good');
    const args = writeServerFiles(this.#spec);
    this.#process = startProcess(this.#spec.installation.java, args, this.#logPath);
  }

  /** Launches it and waits until it serves; stops it when it does not. */
  async startOrStop(): Promise<void> {
    try {
      this.launch();
      await this.waitUntilServing();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async waitUntilServing(): Promise<void> {
    const timeoutMs = this.#spec.options.startTimeoutMs ?? 30_000;
    const deadline = performance.now() + timeoutMs;
    while (!(await this.#isServing())) {
      const ending = this.#process?.ending;
      if (ending !== undefined) throw new ServerStartError(`it ended (${ending})`, this.logTail());
      if (performance.now() > deadline) {
        throw new ServerStartError(`it does not serve after ${timeoutMs} ms`, this.logTail());
      }
      await delay(POLL_MS);
    }
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    if (this.#lastLog !== undefined) return;
    this.#lastLog = tailOfFile(this.#logPath, 200);
    this.#removeFiles();
  }

  kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    return this.#end(signal);
  }

  pause(): void {
    this.#process?.signal('SIGSTOP');
  }

  resume(): void {
    this.#process?.signal('SIGCONT');
  }

  async restart(options: { readonly waitUntilServing?: boolean } = {}): Promise<void> {
    await this.#end('SIGTERM');
    this.launch();
    if (options.waitUntilServing !== false) await this.waitUntilServing();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const process = this.#process;
    if (process === undefined || process.ending !== undefined) return;
    process.hold();
    process.signal(signal);
    // A paused process takes SIGTERM only when it goes on.
    process.signal('SIGCONT');
    const grace = setTimeout(() => process.signal('SIGKILL'), STOP_GRACE_MS);
    await process.ended;
    clearTimeout(grace);
  }

  // `conf` names the data directory, which tells this server from another that took the port first.
  async #isServing(): Promise<boolean> {
    const conf = await this.fourLetterWord('conf').catch(() => '');
    if (!conf.includes(`dataDir=${this.dataDir}`)) return false;
    if ((await this.mode()) === undefined) return false;
    return this.securePort === undefined || (await accepts(this.securePort));
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
