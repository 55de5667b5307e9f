import { linkSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StorageError } from '../../errors.ts';

/** Beside `version-2`, where no server of Apache's looks. */
const LOCK_NAME = 'zkwire.lock';
/** Of those who take over from a dead process only one succeeds in a round; more rounds are no accident. */
const ROUNDS_MAX = 5;

/** Directories that servers of this process have open: they all have the same process id. */
const openHere = new Set<string>();

/**
 * Keeps two servers from writing into one directory. A file with the id of the process, and, where the
 * system tells it, with the time at which that began: ids are given again. What a process that has ended left is
 * taken over.
 *
 * Only servers of this package look at it. Apache's do not, and lock nothing themselves.
 */
export class DirectoryLock {
  readonly #directory: string;
  readonly #path: string;

  private constructor(directory: string) {
    this.#directory = directory;
    this.#path = join(directory, LOCK_NAME);
  }

  /** Of a directory that is there. Throws a StorageError `DIRECTORY_IN_USE` when a living server has it. */
  static take(directory: string): DirectoryLock {
    const lock = new DirectoryLock(realpathSync(directory));
    lock.#take();
    return lock;
  }

  release(): void {
    if (openHere.delete(this.#directory)) rmSync(this.#path, { force: true });
  }

  #take(): void {
    const directory = this.#directory;
    if (openHere.has(directory)) throw inUse(directory, 'this process');
    const own = `${this.#path}.${process.pid}`;
    writeFileSync(own, identityOf(process.pid));
    try {
      for (let round = 0; !this.#link(own); round++) {
        const holder = this.#holder();
        if (holder !== null && (round === ROUNDS_MAX || isAlive(holder))) {
          throw inUse(directory, `process ${holder.split(' ')[0]}`);
        }
        this.#removeStale(holder);
      }
    } finally {
      rmSync(own, { force: true });
    }
    openHere.add(directory);
  }

  /** A link appears with its content or not at all, and never in the place of another. */
  #link(own: string): boolean {
    try {
      linkSync(own, this.#path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  #holder(): string | null {
    return readIfThere(this.#path);
  }

  /** Somebody else may have taken over in between: then it is their lock that was moved, and is put back. */
  #removeStale(holder: string | null): void {
    const stale = `${this.#path}.stale-${process.pid}`;
    try {
      renameSync(this.#path, stale);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    if (readIfThere(stale) !== holder) this.#link(stale);
    rmSync(stale, { force: true });
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
  return new StorageError('DIRECTORY_IN_USE', directory, undefined, `${who} has it open`);
}

/** The id, and when it began. */
function identityOf(pid: number): string {
  return `${pid} ${beginOf(pid)}\n`;
}

function isAlive(identity: string): boolean {
  const [pid, begin] = identity.trim().split(' ');
  const number = Number(pid);
  if (!Number.isSafeInteger(number) || number <= 0) return false;
  try {
    process.kill(number, 0);
  } catch (error) {
    // EPERM: it is somebody else's, and lives.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return begin === beginOf(number);
}

/** Linux tells it in ticks since the machine started; `-` where it cannot be known. */
function beginOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The second field is the name, in brackets, and may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return `${boot}/${fields[19]}`;
  } catch {
    return '-';
  }
}
