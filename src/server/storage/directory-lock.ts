import { randomBytes } from 'node:crypto';
import {
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StorageError } from '../../errors.ts';
import { isAnswered, LifeSign } from './life-sign.ts';
import { identityOf, judgeProcess, type Verdict } from './process-identity.ts';

/** Beside `version-2`, where no server of Apache's looks: `zkwire-<id>.lock`, and `.sock` beside it. */
const LOCK_NAME = /^zkwire-([0-9a-f]{16})\.lock$/;
const ID_BYTES = 8;
/** So long somebody who comes at the same time, and has to stand back, is waited for. */
const YIELD_WAIT_MS = 25;
const YIELD_WAITS_MAX = 20;

/** Directories that servers of this process have open, or are about to. */
const openHere = new Set<string>();

/**
 * Keeps two servers from writing into one directory. Each leaves a file of its own, and looks then whether there is
 * another one whose owner lives: whoever comes second sees whoever was first. Nobody ever touches the file of
 * somebody who lives. What a process that has ended left is removed.
 *
 * Whether an owner lives is asked of the kernel, by a socket in the directory (see life-sign.ts), so that servers in
 * different containers find each other. It cannot be asked across machines: on a network file system two of them do
 * not see each other. Only servers of this package look at it; Apache's do not, and lock nothing themselves.
 */
export class DirectoryLock {
  readonly #directory: string;
  readonly #id: string = randomBytes(ID_BYTES).toString('hex');
  #sign: LifeSign | null = null;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Of a directory that is there. Rejects with a StorageError `DIRECTORY_IN_USE` when a living server has it. */
  static async take(directory: string): Promise<DirectoryLock> {
    const lock = new DirectoryLock(realpathSync(directory));
    if (openHere.has(lock.#directory)) throw inUse(lock.#directory, 'this process has it open');
    openHere.add(lock.#directory);
    try {
      await lock.#take();
    } catch (error) {
      lock.release();
      throw error;
    }
    return lock;
  }

  /** Lets go. Calling it again does nothing. */
  release(): void {
    if (!openHere.delete(this.#directory)) return;
    rmSync(this.#path(this.#id, 'lock'), { force: true });
    this.#sign?.close();
  }

  async #take(): Promise<void> {
    // Before the file: whoever finds that finds it answered.
    this.#sign = await LifeSign.give(this.#directory, `zkwire-${this.#id}.sock`);
    const unfinished = this.#path(this.#id, 'tmp');
    try {
      writeFileSync(unfinished, identityOf(process.pid));
      renameSync(unfinished, this.#path(this.#id, 'lock'));
    } finally {
      rmSync(unfinished, { force: true });
    }
    for (let waits = 0; ; waits++) {
      const other = await this.#firstOther();
      if (other === null) return;
      // Of those who come at the same time one has to be left.
      if (other.id < this.#id || waits === YIELD_WAITS_MAX) throw inUse(this.#directory, other.who);
      await delay(YIELD_WAIT_MS);
    }
  }

  /** Who else has the directory; of several the one with the lowest id. */
  async #firstOther(): Promise<{ readonly id: string; readonly who: string } | null> {
    const ids = readdirSync(this.#directory).flatMap((name) => LOCK_NAME.exec(name)?.[1] ?? []);
    for (const id of ids.sort()) {
      const identity = id === this.#id ? null : readIfThere(this.#path(id, 'lock'));
      if (identity === null) continue;
      const verdict = await this.#judge(id, identity);
      const who = `process ${identity.split(' ')[0]}`;
      if (verdict === 'alive') return { id, who: `${who} has it open` };
      if (verdict === 'unknown') {
        return { id, who: `${who} may have it open: if not, remove ${this.#path(id, 'lock')}` };
      }
      for (const left of ['lock', 'sock']) rmSync(this.#path(id, left), { force: true });
    }
    return null;
  }

  async #judge(id: string, identity: string): Promise<Verdict> {
    const answered = await isAnswered(this.#directory, `zkwire-${id}.sock`);
    if (answered !== null) return answered ? 'alive' : 'dead';
    return judgeProcess(identity);
  }

  #path(id: string, extension: string): string {
    return join(this.#directory, `zkwire-${id}.${extension}`);
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function inUse(directory: string, who: string): StorageError {
  return new StorageError('DIRECTORY_IN_USE', directory, undefined, who);
}
