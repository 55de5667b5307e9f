import {
  type ConnectOptions,
  connect,
  type StateEvent,
  type ZooKeeperClient,
} from '../../../src/client/index.ts';
import {
  createServer,
  type EmbeddedServer,
  type ServerOptions,
} from '../../../src/server/index.ts';
import { dialInMemory } from '../../../src/transport/index.ts';
import { CutLink } from './cut-link.ts';
import { VirtualTime } from './virtual-time.ts';

/** A state and how long after the client's start it was told. */
export interface Told {
  readonly atMs: number;
  readonly text: string;
  readonly event: StateEvent;
}

/** One client, everything that its session said, and a cable that can be cut. */
export class Citizen {
  readonly told: Told[] = [];
  /** Lines of the wire tap with their time, as `[ms, line]`. */
  readonly wire: [atMs: number, line: string][] = [];
  zk!: ZooKeeperClient;
  readonly #world: World;
  readonly #links = new Set<CutLink>();
  #isCut = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** Connects to addresses A, B and C of the one server; dials take a second at most. */
  async connect(options: ConnectOptions = {}): Promise<void> {
    const { time } = this.#world;
    const connecting = connect('a:1,b:1,c:1', {
      sessionTimeoutMs: 10_000,
      connectTimeoutMs: 1_000,
      random: () => 0.999,
      clock: time,
      dialer: ({ host }, signal) => this.#dial(host, signal),
      wireTap: (line) => this.wire.push([time.nowMs(), line]),
      ...options,
      onState: (event) => {
        const where = 'host' in event ? ` ${event.host[0]?.toUpperCase()}` : '';
        const how = event.state !== 'session' ? '' : event.resumed ? ' resumed' : ' new';
        this.told.push({ atMs: time.nowMs(), text: event.state + where + how, event });
      },
    });
    await time.settle();
    this.zk = await connecting;
  }

  /** Texts of the states from the `from`th on. */
  story(from = 0): string[] {
    return this.told.slice(from).map(({ text }) => text);
  }

  /** Nothing comes and nothing goes any more, and nobody says so. */
  cut(): void {
    this.#isCut = true;
    for (const link of this.#links) link.cut();
  }

  /** New connections work again; what was cut stays so. */
  healDials(): void {
    this.#isCut = false;
  }

  /** What was held on the way arrives, too. */
  heal(): void {
    this.#isCut = false;
    for (const link of this.#links) link.heal();
  }

  async #dial(host: string, signal: AbortSignal): Promise<CutLink> {
    if (this.#isCut) {
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error(`dial ${host}: i/o timeout`)));
      });
    }
    const link = new CutLink(dialInMemory(this.#world.server.memoryConnectString), `${host}:1`);
    this.#links.add(link);
    return link;
  }
}

/** An embedded server, its clients, and their common time. */
export class World implements AsyncDisposable {
  readonly time: VirtualTime;
  readonly server: EmbeddedServer;
  readonly #citizens: Citizen[] = [];

  private constructor(time: VirtualTime, server: EmbeddedServer) {
    this.time = time;
    this.server = server;
  }

  static async create(options: ServerOptions = {}): Promise<World> {
    const time = new VirtualTime();
    return new World(time, await createServer({ clock: time, ...options }));
  }

  async citizen(options?: ConnectOptions): Promise<Citizen> {
    const citizen = new Citizen(this);
    await citizen.connect(options);
    this.#citizens.push(citizen);
    return citizen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.faults.clear();
    for (const { zk } of this.#citizens) void zk.close();
    await this.time.pass(5_000);
    await this.server.close();
  }
}
