/**
 * Smallest, largest and mean of whole numbers, as ZooKeeper keeps them for latencies: in milliseconds,
 * so that most are 0.
 */
export class NumberStatistics {
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  /** Fractions are cut off. `times`: that many of the same. */
  add(value: number, times = 1): void {
    const whole = Math.trunc(value);
    this.#count += times;
    this.#sum += whole * times;
    if (whole < this.#min) this.#min = whole;
    if (whole > this.#max) this.#max = whole;
  }

  /** Forgets everything. */
  reset(): void {
    this.#count = 0;
    this.#sum = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** 0 when there is none. */
  get min(): number {
    return this.#count === 0 ? 0 : this.#min;
  }

  /** 0 when there is none. */
  get max(): number {
    return this.#count === 0 ? 0 : this.#max;
  }

  /** To four digits behind the point; 0 when there is none. */
  get mean(): number {
    return this.#count === 0 ? 0 : Number((this.#sum / this.#count).toFixed(4));
  }

  /** Cut to a whole number. */
  get wholeMean(): number {
    return this.#count === 0 ? 0 : Math.trunc(this.#sum / this.#count);
  }
}

/** What the word `cons` tells of one connection. */
export class ConnectionStatistics {
  /** Frames from the client: handshake, requests, pings, words. */
  packetsReceived = 0;
  /** Frames to it, watch events included. */
  packetsSent = 0;
  /** Of the last answer: see `lastOperation`. Before: `null`, as Java writes what is not there, and `NA` behind `reset`. */
  operation = 'null';
  /** Xid of the last request of the client's own that was answered. Before: 0, and -1 behind `reset`. */
  cxid = 0;
  /** Last zxid of the server when it gave its last answer. Before: 0, and -1 behind `reset`. */
  zxid = 0n;
  /** When it gave its last answer, in whole ms of the server's clock; 0 before. */
  respondedMs = 0;
  /** Of the last answer, in whole ms. */
  latencyMs = 0;
  /** Of all answers. */
  readonly latency: NumberStatistics = new NumberStatistics();
  #isReset = false;

  /** The smallest latency as a real server has it: it begins with 0, which nothing is below, and is true behind `reset` only. */
  get minLatencyMs(): number {
    return this.#isReset ? this.latency.min : 0;
  }

  /** The answers to `requests` requests that came together, in ms of the server's clock. Xids below 0 are no requests of the client's own. */
  responded(
    xid: number,
    zxid: bigint,
    operation: string,
    receivedMs: number,
    nowMs: number,
    requests = 1,
  ): void {
    if (xid >= 0) this.cxid = xid;
    this.zxid = zxid;
    this.operation = operation;
    this.respondedMs = Math.trunc(nowMs);
    this.latencyMs = Math.trunc(nowMs - receivedMs);
    this.latency.add(nowMs - receivedMs, requests);
  }

  /** As the word `crst` has it. */
  reset(): void {
    this.packetsReceived = 0;
    this.packetsSent = 0;
    this.operation = 'NA';
    this.cxid = -1;
    this.zxid = -1n;
    this.respondedMs = 0;
    this.latencyMs = 0;
    this.latency.reset();
    this.#isReset = true;
  }
}

/** Events that are counted, under the names that `mntr` gives them. */
export interface ServerCounts {
  /** Hung up on because there were too many. */
  connection_rejected: number;
  /** Hung up on because they said nothing. */
  sessionless_connections_expired: number;
  /** Handshakes. */
  connection_request_count: number;
}

function noCounts(): ServerCounts {
  // In the order in which a real server tells them.
  return {
    connection_rejected: 0,
    sessionless_connections_expired: 0,
    connection_request_count: 0,
  };
}

/** What the server counts, for the words `srvr`, `stat` and `mntr`. */
export class ServerStatistics {
  /** Frames from all clients. */
  packetsReceived = 0;
  /** Frames to all clients. */
  packetsSent = 0;
  /** From a request's coming to its answer, of all requests. */
  readonly latency: NumberStatistics = new NumberStatistics();
  /** The same of reads only. */
  readonly readLatency: NumberStatistics = new NumberStatistics();
  /** The same of writes only. */
  readonly updateLatency: NumberStatistics = new NumberStatistics();
  counts: ServerCounts = noCounts();

  /** The answers to `requests` reads or writes that came together, in ms of the server's clock. */
  responded(isWrite: boolean, receivedMs: number, nowMs: number, requests = 1): void {
    const latencyMs = nowMs - receivedMs;
    if (latencyMs < 0) return;
    this.latency.add(latencyMs, requests);
    if (isWrite) this.updateLatency.add(latencyMs, requests);
    else this.readLatency.add(latencyMs, requests);
  }

  /** As the word `srst` has it. */
  reset(): void {
    this.packetsReceived = 0;
    this.packetsSent = 0;
    this.latency.reset();
    this.readLatency.reset();
    this.updateLatency.reset();
    this.counts = noCounts();
  }
}
