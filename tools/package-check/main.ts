import { processContext } from '../command-context.ts';
import { runPackageCheck } from './command.ts';

process.exitCode = runPackageCheck(process.argv.slice(2), processContext());
