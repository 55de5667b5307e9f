import { processContext } from '../command-context.ts';
import { runNodeVersions } from './command.ts';

process.exitCode = await runNodeVersions(process.argv.slice(2), processContext());
