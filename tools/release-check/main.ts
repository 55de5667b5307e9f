import { processContext } from '../command-context.ts';
import { runReleaseCheck } from './command.ts';

process.exitCode = runReleaseCheck(process.argv.slice(2), processContext());
