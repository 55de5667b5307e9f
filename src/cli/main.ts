#!/usr/bin/env node
import { runCli } from './run-cli.ts';
import { guardStreams } from './standard-streams.ts';

const exitWith = guardStreams(process);
exitWith(await runCli(process.argv.slice(2)));
