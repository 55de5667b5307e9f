import type { StateEvent, StateName } from '../../../src/session/session-events.ts';

type Phase = 'down' | 'connecting' | 'connected' | 'session' | 'over';

/**
 * The order in which states may be told. `connecting` may follow an attempt that failed to dial
 * without a word; every `connected` is ended by a `disconnected`; nothing comes after `closed`.
 */
export class StateGrammar {
  readonly #fault: (text: string) => void;
  #phase: Phase = 'down';
  #host: string | null = null;
  #lostTold = false;
  #detached = false;
  /** Of the last session, made up by a read-only server or not. */
  #toldId = 0n;
  /** Session that was told last and has not expired since; 0n: none. */
  sessionId = 0n;
  readonly states: StateName[] = [];

  constructor(fault: (text: string) => void) {
    this.#fault = fault;
  }

  /** The client goes on with a session of before. */
  resume(sessionId: bigint): void {
    this.sessionId = sessionId;
    this.#toldId = sessionId;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get lostTold(): boolean {
    return this.#lostTold;
  }

  told(event: StateEvent): void {
    if (this.#phase === 'over') this.#fault(`${event.state} after closed`);
    this.states.push(event.state);
    switch (event.state) {
      case 'connecting':
        this.#expect(event.state, 'down', 'connecting');
        this.#phase = 'connecting';
        this.#host = event.host;
        break;
      case 'connected':
        this.#expect(event.state, 'connecting');
        this.#sameHost(event);
        this.#phase = 'connected';
        break;
      case 'session':
        this.#session(event);
        break;
      case 'disconnected':
        this.#expect(event.state, 'connected', 'session');
        this.#sameHost(event);
        this.#phase = 'down';
        break;
      case 'refused':
        this.#expect(event.state, 'down', 'connecting');
        if (event.failures.length === 0) this.#fault('refused without a failure');
        break;
      case 'lost':
        this.#expect(event.state, 'down', 'connecting', 'connected');
        if (this.#lostTold) this.#fault('lost twice');
        if (event.sessionId !== this.#toldId) this.#fault('lost another session');
        this.#lostTold = true;
        break;
      case 'expired':
        this.#expect(event.state, 'connected');
        if (event.sessionId !== this.sessionId) this.#fault('another session expired');
        this.sessionId = 0n;
        this.#lostTold = false;
        break;
      case 'detached':
        this.#detached = true;
        break;
      case 'closed':
        this.#expect(event.state, 'down', 'connecting');
        this.#phase = 'over';
        break;
      default:
        this.#fault(`unexpected ${event.state}`);
    }
    if (this.#detached && event.state !== 'detached' && event.state !== 'closed') {
      this.#fault(`${event.state} after detached`);
    }
  }

  #session(event: StateEvent & { state: 'session' }): void {
    this.#expect(event.state, 'connected');
    this.#sameHost(event);
    if (event.resumed !== (this.sessionId !== 0n && event.sessionId === this.sessionId)) {
      this.#fault(`resumed is ${event.resumed}, ${this.sessionId} before ${event.sessionId}`);
    }
    this.#phase = 'session';
    this.#toldId = event.sessionId;
    // What a read-only server made up is not to be shown to others.
    this.sessionId = event.readOnly && !event.resumed ? 0n : event.sessionId;
    this.#lostTold = false;
  }

  #expect(state: StateName, ...phases: Phase[]): void {
    if (!phases.includes(this.#phase)) this.#fault(`${state} while ${this.#phase}`);
  }

  #sameHost(event: StateEvent & { host: string }): void {
    if (event.host !== this.#host)
      this.#fault(`${event.state} names ${event.host}, not ${this.#host}`);
  }
}
