/** One start in a fresh process: server and first reply, the code of both loaded before. Argument `tcp`: through a port. Sends `{ ms }`. */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { connect } from 'zkwire';
import { createServer } from 'zkwire/server';

const options = process.argv[2] === 'tcp' ? { port: 0 } : {};
const startMs = performance.now();
const server = await createServer(options);
const client = await connect(server.connectString);
await client.exists('/');
const ms = performance.now() - startMs;
process.send?.({ ms }, undefined, {}, () => process.exit(0));
