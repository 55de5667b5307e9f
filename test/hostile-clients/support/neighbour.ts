import { setTimeout as pause } from 'node:timers/promises';
import { connect, type ZooKeeperClient } from '../../../src/client/index.ts';

/** Between two rounds of work. */
const PAUSE_MS = 2;

const ROOT = '/healthy-neighbour';

/** A client that minds its own business, and checks every answer that it gets. */
export class Neighbour implements AsyncDisposable {
  /** Everything that was not as it should be. */
  readonly complaints: string[] = [];
  /** Slowest round of work so far, in ms. */
  slowestMs = 0;
  /** Rounds done. */
  rounds = 0;
  readonly #client: ZooKeeperClient;
  readonly #base: string;
  #events = 0;
  #running = true;
  #worked: Promise<void> = Promise.resolve();

  private constructor(client: ZooKeeperClient, base: string) {
    this.#client = client;
    this.#base = base;
  }

  /** Connects, makes its nodes, and works until it is told to stop. */
  static async moveIn(
    connectString: string,
    name: string,
    sessionTimeoutMs = 20_000,
  ): Promise<Neighbour> {
    const client = await connect(connectString, { sessionTimeoutMs });
    const neighbour = new Neighbour(client, `${ROOT}/${name}`);
    client.on('state', ({ state }) => neighbour.complaints.push(`its connection is ${state}`));
    await neighbour.#begin();
    return neighbour;
  }

  /** What somebody needs who wants to take the session over, but for the password. */
  get sessionId(): bigint {
    return this.#client.sessionId;
  }

  /** Ends its work, and gives what it has to complain about; its events have all come by then. */
  async stop(): Promise<readonly string[]> {
    this.#running = false;
    await this.#worked;
    await this.#client.sync(this.#base).catch((cause) => this.complaints.push(String(cause)));
    this.#expect('events of its counter', this.#events, this.rounds);
    return this.complaints;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#running = false;
    await this.#worked;
    this.#client.removeAllListeners('state');
    await this.#client.close();
  }

  async #begin(): Promise<void> {
    await this.#client.ensurePath(`${this.#base}/visitors`);
    await this.#client.create(`${this.#base}/counter`, 'none');
    await this.#client.watch(`${this.#base}/counter`, {
      listener: ({ type }) => {
        this.#expect('type of event', type, 'NodeDataChanged');
        this.#events++;
      },
    });
    this.#worked = this.#work();
  }

  async #work(): Promise<void> {
    while (this.#running) {
      const startMs = performance.now();
      try {
        await this.#round(this.rounds + 1);
        this.rounds++;
      } catch (cause) {
        this.complaints.push(`round ${this.rounds + 1}: ${cause}`);
        return;
      }
      this.slowestMs = Math.max(this.slowestMs, performance.now() - startMs);
      await pause(PAUSE_MS);
    }
  }

  /** Writes and reads of every kind, several at once. */
  async #round(round: number): Promise<void> {
    const client = this.#client;
    const base = this.#base;
    const content = `round ${round} of ${base}`;
    const [written, read, visitor, missing] = await Promise.all([
      client.set(`${base}/counter`, content),
      client.get(`${base}/counter`),
      client.create(`${base}/visitors/visitor-`, content, { mode: 'ephemeral-sequential' }),
      client.exists(`${base}/nobody`),
    ]);
    this.#expect('version', written.version, round);
    this.#expect('content', read.data?.toString(), content);
    this.#expect('znode that is not there', missing, null);
    const names = await client.getChildren(`${base}/visitors`);
    this.#expect('children', names.join(), visitor.slice(visitor.lastIndexOf('/') + 1));
    const [gone] = await Promise.all([
      client.transaction().check(`${base}/counter`, round).delete(visitor).commit(),
      client.exists(visitor).then((stat) => this.#expect('a visitor that left', stat, null)),
    ]);
    this.#expect('results', gone.length, 2);
  }

  #expect(what: string, actual: unknown, expected: unknown): void {
    if (actual !== expected) {
      this.complaints.push(`${what}: ${String(actual)} instead of ${String(expected)}`);
    }
  }
}
