import { resolve } from 'node:path';
import { runReleaseCheck } from './command.ts';

// Built to build/tools/release-check/main.js.
const root = resolve(import.meta.dirname, '../../..');

process.exitCode = runReleaseCheck(process.argv.slice(2), {
  root,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
