import { resolve } from 'node:path';
import { runJuteGen } from './command.ts';

// Built to build/tools/jute-gen/main.js.
const root = resolve(import.meta.dirname, '../../..');

process.exitCode = runJuteGen(process.argv.slice(2), {
  root,
  cwd: process.cwd(),
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
