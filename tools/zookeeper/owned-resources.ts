import { type ChildProcess, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// What this process must not leave behind, however it ends.
const children = new Set<ChildProcess>();
const directories = new Set<string>();

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Kills the child when this process ends, unless it has ended by itself before. */
export function ownChild(child: ChildProcess): void {
  children.add(child);
  updateHooks();
  child.once('exit', () => {
    children.delete(child);
    updateHooks();
  });
}

/** Makes a directory under the system's temporary one that goes when this process ends. */
export function makeOwnedDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'zkwire-zookeeper-'));
  directories.add(directory);
  updateHooks();
  return directory;
}

/** Removes a directory of `makeOwnedDirectory` now. */
export function removeOwnedDirectory(directory: string): void {
  removeTree(directory);
  directories.delete(directory);
  updateHooks();
}

let deathSignalPrefix: readonly string[] | undefined;

/**
 * Words to put before a command so that the kernel kills it when its parent dies: even SIGKILL, which
 * runs no exit hook, then leaves no server behind. Empty where util-linux's `setpriv` is not at hand.
 */
export function dieWithParentPrefix(): readonly string[] {
  deathSignalPrefix ??= probeDeathSignal();
  return deathSignalPrefix;
}

function probeDeathSignal(): readonly string[] {
  const setpriv = '/usr/bin/setpriv';
  try {
    accessSync(setpriv, constants.X_OK);
  } catch {
    return [];
  }
  // Other builds of setpriv have no such option, so it is tried, not assumed.
  const prefix = [setpriv, '--pdeathsig', 'KILL'];
  const probe = spawnSync(setpriv, [...prefix.slice(1), setpriv, '--version'], { stdio: 'ignore' });
  return probe.status === 0 ? prefix : [];
}

let hooked = false;

// Hooks are there only while something is owned: a program that merely imports this keeps its signals.
function updateHooks(): void {
  const wanted = children.size > 0 || directories.size > 0;
  if (wanted === hooked) return;
  hooked = wanted;
  // In front of the others: a listener made with once() is gone from the count when it has been called.
  const change = wanted ? 'prependListener' : 'off';
  process[change]('exit', releaseAll);
  for (const signal of SIGNALS) process[change](signal, endBySignal);
}

function endBySignal(signal: NodeJS.Signals): void {
  // With another listener the program decides itself whether to end; the exit hook then does this.
  if (process.listenerCount(signal) > 1) return;
  releaseAll();
  process.off(signal, endBySignal);
  process.kill(process.pid, signal);
}

function releaseAll(): void {
  for (const child of children) child.kill('SIGKILL');
  for (const directory of directories) removeTree(directory);
}

function removeTree(directory: string): void {
  try {
    // A server that was killed a moment ago may still finish a write: hence the retries.
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  } catch {
    // Nothing that a caller could do about it; the directory is in the temporary one.
  }
}
