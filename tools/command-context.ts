import { resolve } from 'node:path';
import process from 'node:process';

/** Where a command of the project works, and where it writes to. */
export interface CommandContext {
  /** Root of the project. */
  readonly root: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** This process, of a command that was built. */
export function processContext(): CommandContext {
  return {
    // This file is built to build/tools.
    root: resolve(import.meta.dirname, '../..'),
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  };
}
