import { resolve } from 'node:path';
import { runNodeVersions } from './command.ts';

// Built to build/tools/node-versions/main.js.
const root = resolve(import.meta.dirname, '../../..');

process.exitCode = await runNodeVersions(process.argv.slice(2), {
  root,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
