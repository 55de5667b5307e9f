import { processContext } from '../command-context.ts';
import { runDocs } from './command.ts';

process.exitCode = runDocs(process.argv.slice(2), processContext());
