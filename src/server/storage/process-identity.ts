import { readFileSync, readlinkSync } from 'node:fs';

/** Does a process live? */
export type Verdict = 'alive' | 'dead' | 'unknown';

/** Of a process of this namespace, for others to judge by: its id, when it began, and where its id is valid. */
export function identityOf(pid: number): string {
  return `${pid} ${bootId()} ${beginOf(pid)} ${pidNamespace()}\n`;
}

/**
 * By its identity, which must be of the same machine. `unknown` for one in another namespace, whose ids are not ours:
 * another container. A namespace that has ended may have given its number to ours; then nothing of it lives.
 */
export function judgeProcess(identity: string): Verdict {
  const [pid, boot, begin, namespace] = identity.trim().split(' ');
  const number = Number(pid);
  if (!Number.isSafeInteger(number) || number <= 0 || boot !== bootId()) return 'dead';
  if (namespace !== pidNamespace()) return 'unknown';
  return exists(number) && begin === beginOf(number) ? 'alive' : 'dead';
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is somebody else's, and lives.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Another one since the machine has started anew. */
function bootId(): string {
  return textOr(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
}

/** In ticks since the machine started: ids of processes are given again. */
function beginOf(pid: number): string {
  // The second field is the name, in brackets, and may hold anything.
  return textOr(
    () =>
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[19] ?? '',
  );
}

function pidNamespace(): string {
  return textOr(() => readlinkSync('/proc/self/ns/pid'));
}

/** Linux tells it; `-` where it cannot be known. */
function textOr(read: () => string): string {
  try {
    return read().trim() || '-';
  } catch {
    return '-';
  }
}
