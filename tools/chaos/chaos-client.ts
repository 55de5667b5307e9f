import { performance } from 'node:perf_hooks';
import { connect, type ZooKeeperClient } from 'zkwire';
import { chanceOf } from './chance.ts';
import type { ClientIndex, WriteKind } from './history.ts';
import type { Acknowledgement, Carrier, Recorder } from './recorder.ts';
import { deleteId } from './truth.ts';

export const ROOT = '/chaos';
/** Nodes that all clients write and read. */
const SHARED_KEYS = 16;
/** Writes of one client that wait for an answer, or for a connection; no more are made then. */
const WRITES_WAITING_MAX = 200;
const READS_WAITING_MAX = 100;
/** Longer than an election and a restart together: sessions are to survive. */
const SESSION_TIMEOUT_MS = 10_000;

const VOID: Acknowledgement = { zxid: null, version: null };

function sharedKey(index: number): string {
  return `${ROOT}/key-${index}`;
}

/** One session that writes and reads, and notes everything that it is told. */
export class ChaosClient implements Carrier {
  /** Sessions granted so far, less one: the connection in use, or the last one. */
  connection = -1;
  /** Sessions that a server called expired. */
  expired = 0;
  readonly #index: ClientIndex;
  readonly #zk: ZooKeeperClient;
  readonly #recorder: Recorder;
  readonly #chance: () => number;
  /** Nodes of its own that are there for sure, and not yet to be deleted. */
  readonly #deletable: string[] = [];
  #seq = 0;
  #writesWaiting = 0;
  #readsWaiting = 0;

  private constructor(index: ClientIndex, zk: ZooKeeperClient, recorder: Recorder, seed: number) {
    this.#index = index;
    this.#zk = zk;
    this.#recorder = recorder;
    this.#chance = chanceOf(seed * 1_000 + index);
    this.connection = 0;
    zk.on('state', ({ state }) => {
      if (state === 'session') this.connection++;
      if (state === 'expired') this.expired++;
    });
  }

  static async connect(
    index: ClientIndex,
    connectString: string,
    recorder: Recorder,
    seed: number,
  ): Promise<ChaosClient> {
    const options = { sessionTimeoutMs: SESSION_TIMEOUT_MS, connectRounds: 20 };
    return new ChaosClient(index, await connect(connectString, options), recorder, seed);
  }

  get sessionId(): bigint {
    return this.#zk.sessionId;
  }

  /** Makes the nodes that everything happens in; for the first client. */
  async makeTree(clients: number): Promise<void> {
    await this.#zk.create(ROOT);
    const paths = [
      ...Array.from({ length: SHARED_KEYS }, (_, index) => sharedKey(index)),
      ...Array.from({ length: clients }, (_, index) => ownFolder(index)),
    ];
    const made = await Promise.all(paths.map((path) => this.#create(path)));
    if (made.includes(false)) throw new Error('the nodes to work in could not be made');
  }

  /** Makes one write, of a kind by chance. False: too many wait already. */
  write(): boolean {
    if (this.#writesWaiting >= WRITES_WAITING_MAX) return false;
    void this.#waitedFor(this.#writeByChance());
    return true;
  }

  /** A last write: whatever this client sent before stands in the log by its answer. */
  lastWrite(): Promise<boolean> {
    return this.#set(this.#someKey());
  }

  read(): boolean {
    if (this.#readsWaiting >= READS_WAITING_MAX) return false;
    void this.#get(this.#someKey());
    return true;
  }

  close(): Promise<void> {
    return this.#zk.close();
  }

  #writeByChance(): Promise<boolean> {
    const draw = this.#chance();
    if (draw < 0.6) return this.#set(this.#someKey());
    if (draw < 0.75) return this.#multi(this.#someKey());
    const old = draw < 0.85 ? this.#deletable.shift() : undefined;
    return old === undefined ? this.#createOwn() : this.#delete(old);
  }

  async #waitedFor(write: Promise<boolean>): Promise<void> {
    this.#writesWaiting++;
    await write;
    this.#writesWaiting--;
  }

  #someKey(): string {
    return sharedKey(Math.floor(this.#chance() * SHARED_KEYS));
  }

  #set(path: string): Promise<boolean> {
    return this.#made('set', async (data) => {
      const { mzxid, version } = await this.#zk.set(path, data);
      return { zxid: mzxid, version };
    });
  }

  async #createOwn(): Promise<boolean> {
    const path = this.#ownPath();
    const made = await this.#create(path);
    if (made) this.#deletable.push(path);
    return made;
  }

  #create(path: string): Promise<boolean> {
    // Both opcodes, that with and that without Stat.
    if (this.#chance() < 0.5) {
      return this.#made('create', async (data) => {
        await this.#zk.create(path, data);
        return VOID;
      });
    }
    return this.#made('create', async (data) => {
      const { stat } = await this.#zk.create(path, data, { withStat: true });
      return { zxid: stat.czxid, version: stat.version };
    });
  }

  #multi(path: string): Promise<boolean> {
    const own = this.#ownPath();
    return this.#made('multi', async (data) => {
      const [first] = await this.#zk.multi([
        { op: 'set', path, data },
        { op: 'create', path: own, data },
      ]);
      if (first?.op !== 'set') return VOID;
      return { zxid: first.stat.mzxid, version: first.stat.version };
    });
  }

  #delete(path: string): Promise<boolean> {
    const answer = async (): Promise<Acknowledgement> => {
      await this.#zk.delete(path);
      return VOID;
    };
    return this.#made('delete', answer, deleteId(path));
  }

  #ownPath(): string {
    return `${ownFolder(this.#index)}/n-${this.#seq}`;
  }

  /** The data of a write is its id: no other write has it. */
  #made(
    kind: WriteKind,
    make: (data: string) => Promise<Acknowledgement>,
    id: string = `${kind} ${this.#index}-${this.#seq}`,
  ): Promise<boolean> {
    const made = { id, client: this.#index, seq: this.#seq++, kind };
    const invokedMs = performance.now();
    return this.#recorder.write(made, make(id), invokedMs, this);
  }

  async #get(path: string): Promise<void> {
    this.#readsWaiting++;
    const invokedMs = performance.now();
    try {
      const { data, stat } = await this.#zk.get(path);
      this.#recorder.read({
        client: this.#index,
        sessionId: this.sessionId,
        path,
        invokedMs,
        settledMs: performance.now(),
        data: String(data),
        mzxid: stat.mzxid,
        version: stat.version,
      });
    } catch {
      this.#recorder.failedReads++;
    }
    this.#readsWaiting--;
  }
}

function ownFolder(index: ClientIndex): string {
  return `${ROOT}/client-${index}`;
}
