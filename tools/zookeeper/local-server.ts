import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fourLetterWord } from './four-letter-word.ts';
import { dataDirOf, type ServerSpec, writeServerFiles } from './server-config.ts';
import { fileSizeBytes, type ServerProcess, startProcess, tailOfFile } from './server-process.ts';
import { waitUntilStopped } from './stopped-process.ts';
import type { TlsFiles } from './tls-files.ts';
import { type ServerMode, ServerStartError, type ZooKeeperServer } from './zookeeper-server.ts';

const POLL_MS = 50;
/** An idle machine takes a second. */
const START_TIMEOUT_MS = 120_000;
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
  #launchedAtByte = 0;

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

  get secureConnectString(): string | undefined {
    return this.securePort === undefined ? undefined : `${this.host}:${this.securePort}`;
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
    const command = writeServerFiles(this.#spec);
    this.#launchedAtByte = fileSizeBytes(this.#logPath);
    this.#process = startProcess(command, this.#logPath);
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

  /** Waits until it serves. Rejects with a `ServerStartError` when it ends or that takes too long. */
  async waitUntilServing(): Promise<void> {
    const timeoutMs = this.#spec.options.startTimeoutMs ?? START_TIMEOUT_MS;
    const deadline = performance.now() + timeoutMs;
    while (!(await this.#isServing())) {
      const late = performance.now() > deadline;
      const reason =
        this.#failure() ?? (late ? `it does not serve after ${timeoutMs} ms` : undefined);
      if (reason !== undefined) {
        throw new ServerStartError(reason, this.logTail(), this.#portTaken());
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
    if (this.#process !== undefined) waitUntilStopped(this.#process.pid);
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

  #failure(): string | undefined {
    const ending = this.#process?.ending;
    if (ending !== undefined) return `it ended (${ending})`;
    // A member whose election port is taken logs that and waits for ever.
    return this.#portTaken() ? 'a port is taken' : undefined;
  }

  #portTaken(): boolean {
    const log = tailOfFile(this.#logPath, 1_000, this.#launchedAtByte);
    return /Address already in use|BindException|something else listens on/.test(log);
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
