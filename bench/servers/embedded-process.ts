/**
 * The embedded server as a process of its own, with default options: in memory, on a free port.
 * Sends `{ port }` when it listens; answers any message with its CPU time; ends with its parent.
 */
import process from 'node:process';
import { createServer } from 'zkwire/server';

const { port } = await createServer({ port: 0 });

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuUs: user + system });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port });
