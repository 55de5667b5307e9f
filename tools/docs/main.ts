import { resolve } from 'node:path';
import { runDocs } from './command.ts';

// Built to build/tools/docs/main.js.
const root = resolve(import.meta.dirname, '../../..');

process.exitCode = runDocs(process.argv.slice(2), {
  root,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
