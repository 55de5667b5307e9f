/**
 * The growth responder as a process of its own. Sends `{ port }` when it listens; answers any message
 * with its CPU time; ends with its parent.
 */
import process from 'node:process';
import { startGrowthResponder } from './growth-responder.ts';

const { port } = await startGrowthResponder();

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuUs: user + system });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port });
