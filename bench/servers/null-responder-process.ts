/**
 * The null responder as a process of its own. Forked with one argument: the options as JSON.
 * Sends `{ port }` when it listens; answers any message with its CPU time; ends with its parent.
 */
import process from 'node:process';
import { type NullResponderOptions, startNullResponder } from './null-responder.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as NullResponderOptions;
const { port } = await startNullResponder(options);

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuUs: user + system });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port });
