import {
  type ConnectOptions,
  connect,
  type StateEvent,
  type ZooKeeperClient,
} from '../../../src/client/index.ts';

/** A state and when it was told, on the clock of `performance.now()`. */
export type TimedState<E extends StateEvent = StateEvent> = E & { readonly atMs: number };

type StateNamed<N extends StateEvent['state']> = TimedState<Extract<StateEvent, { state: N }>>;

/** Longest wait for a state when none is named. */
const WAIT_MS = 60_000;

/** Draws that leave a shuffled list of servers as it was, and make every pause its longest. */
const inOrder = (): number => 0.999;

/** A client and everything that it told about its session. */
export class ObservedClient implements AsyncDisposable {
  readonly states: TimedState[] = [];
  readonly #waiting = new Set<() => void>();
  #zk: ZooKeeperClient | null = null;

  /** Connects; the servers are tried in the order of the connect string. */
  static async connect(
    connectString: string,
    options: ConnectOptions = {},
  ): Promise<ObservedClient> {
    const client = new ObservedClient();
    client.#zk = await connect(connectString, {
      random: inOrder,
      ...options,
      onState: (event) => client.#told(event),
    });
    return client;
  }

  get zk(): ZooKeeperClient {
    return this.#zk as ZooKeeperClient;
  }

  /** How many states were told: what `next` counts from. */
  get told(): number {
    return this.states.length;
  }

  /** The first state of this name from the `from`th on, now or later. */
  async next<N extends StateEvent['state']>(
    name: N,
    from: number = this.told,
    waitMs: number = WAIT_MS,
  ): Promise<StateNamed<N>> {
    const deadline = performance.now() + waitMs;
    for (;;) {
      const found = this.states.slice(from).find((event) => event.state === name);
      if (found !== undefined) return found as StateNamed<N>;
      if (performance.now() > deadline) {
        throw new Error(`no '${name}' within ${waitMs} ms, but: ${this.story(from)}`);
      }
      await this.#change(deadline);
    }
  }

  /** States from the `from`th on, one a line; hosts by the letters that are given for them. */
  story(from = 0, letters: Readonly<Record<string, string>> = {}): string[] {
    return this.states.slice(from).map((event) => {
      const host = 'host' in event ? ` ${letters[event.host] ?? event.host}` : '';
      if (event.state !== 'session') return event.state + host;
      return `session${host} ${event.resumed ? 'resumed' : 'new'}${event.readOnly ? ' read-only' : ''}`;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.zk.close();
  }

  #told(event: StateEvent): void {
    this.states.push({ ...event, atMs: performance.now() });
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #change(deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(wake, Math.max(0, deadline - performance.now()) + 1);
      const waiting = this.#waiting;
      function wake(): void {
        clearTimeout(timer);
        waiting.delete(wake);
        resolve();
      }
      waiting.add(wake);
    });
  }
}
