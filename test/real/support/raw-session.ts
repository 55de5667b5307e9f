import type { AddWatchOptions, Watch } from '../../../src/client/watch.ts';
import type { OneShotWatch } from '../../../src/client/watch-modes.ts';
import { Watches } from '../../../src/client/watches.ts';
import {
  type JuteReader,
  OP,
  readGetChildren2Response,
  readGetDataResponse,
  readStat,
  type Stat,
  writeCreateRequest,
  writeDeleteRequest,
  writeExistsRequest,
  writeGetChildren2Request,
  writeGetDataRequest,
  writeSetDataRequest,
  writeSyncRequest,
} from '../../../src/codec/index.ts';
import type { RequestError } from '../../../src/errors.ts';
import { parseConnectString, Session, systemClock } from '../../../src/session/index.ts';
import type { StateEvent } from '../../../src/session/session-events.ts';
import type { WatchListener } from '../../../src/session/watch-event.ts';
import { dial } from '../../../src/transport/index.ts';
import { SlabPool } from '../../../src/codec/slab-pool.ts';

const OPEN = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

export class RawSession {
  readonly session: Session;
  readonly watches: Watches;
  readonly states: StateEvent[] = [];
  #onState: (event: StateEvent) => void = () => {};

  constructor(connectString: string) {
    const pool = new SlabPool();
    this.session = new Session({
      ...parseConnectString(connectString),
      dialer: ({ host, port }, signal) => dial({ host, port, pool, signal }),
      clock: systemClock,
      random: Math.random,
      sessionTimeoutMs: 20_000,
      connectTimeoutMs: 5_000,
      readOnly: false,
      afterExpiry: 'new-session',
      whileDisconnected: 'wait',
      credentials: [],
      onState: (event) => {
        this.states.push(event);
        this.#onState(event);
      },
      onCallbackError: (error) => {
        throw error;
      },
    });
    this.watches = new Watches(this.session);
    this.session.start();
  }

  /** The next time that a session stands. */
  nextSession(): Promise<void> {
    return new Promise((resolve) => {
      this.#onState = (event) => {
        if (event.state === 'session') resolve();
      };
    });
  }

  #call<T>(op: number, path: string, write: (w: never) => void, decode: (r: JuteReader) => T): Promise<T> {
    const { pipeline } = this.session;
    write(pipeline.begin(op, path) as never);
    return pipeline.promise(decode);
  }

  create(path: string): Promise<void> {
    return this.#call(OP.create, path, (w) => writeCreateRequest(w, path, Buffer.from('x'), OPEN, 0), skip);
  }
  set(path: string): Promise<void> {
    return this.#call(OP.setData, path, (w) => writeSetDataRequest(w, path, Buffer.from('y'), -1), skip);
  }
  delete(path: string): Promise<void> {
    return this.#call(OP.delete, path, (w) => writeDeleteRequest(w, path, -1), skip);
  }
  sync(): Promise<void> {
    return this.#call(OP.sync, '/', (w) => writeSyncRequest(w, '/'), skip);
  }

  get(path: string, listener?: WatchListener): Promise<Stat> {
    const watch = listener && this.watches.oneShot('data', path, listener);
    return this.#call(
      OP.getData,
      path,
      (w) => writeGetDataRequest(w, path, watch?.flag === true),
      (r) => {
        const { stat } = readGetDataResponse(r);
        watch?.add('data');
        return stat;
      },
    );
  }

  exists(path: string, listener?: WatchListener): Promise<Stat | null> {
    const watch = listener && this.watches.oneShot('data', path, listener);
    const { pipeline } = this.session;
    return new Promise((resolve, reject) => {
      writeExistsRequest(pipeline.begin(OP.exists, path), path, watch?.flag === true);
      pipeline.settle(
        (r) => {
          const stat = readStat(r);
          watch?.add('data');
          return stat;
        },
        resolve,
        (error) => {
          if ((error as RequestError).code !== 'NONODE') return reject(error);
          watch?.add('exist');
          resolve(null);
        },
      );
    });
  }

  children(path: string, listener?: WatchListener): Promise<Stat> {
    const watch: OneShotWatch | undefined = listener && this.watches.oneShot('child', path, listener);
    return this.#call(
      OP.getChildren2,
      path,
      (w) => writeGetChildren2Request(w, path, watch?.flag === true),
      (r) => {
        const { stat } = readGetChildren2Response(r);
        watch?.add('child');
        return stat;
      },
    );
  }

  watch(path: string, options: AddWatchOptions): Promise<Watch> {
    return this.watches.watch(path, options, undefined);
  }
}

function skip(reader: JuteReader): void {
  reader.offset = reader.end;
}
