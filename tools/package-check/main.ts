import { resolve } from 'node:path';
import { runPackageCheck } from './command.ts';

// Built to build/tools/package-check/main.js.
const root = resolve(import.meta.dirname, '../../..');

process.exitCode = runPackageCheck(process.argv.slice(2), {
  root,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
