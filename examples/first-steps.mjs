// The first five minutes: a node, its data, its children, a watch, a failure.
// Usage: node examples/first-steps.mjs [servers]
// Without servers it starts one of its own.

import { connect, RequestError } from 'zkwire';
import { createServer } from 'zkwire/server';

const given = process.argv[2] ?? process.env.CONNECT;
const own = given === undefined ? await createServer() : null;
const zk = await connect(given ?? own.connectString);

const path = await zk.create('/first-', 'hello', { mode: 'persistent-sequential' });
const { data, stat } = await zk.get(path);
console.log(`data: ${data}, version ${stat.version}`);

// A watch is told before the answer of the call that set it off.
const watch = await zk.watch(path, {
  recursive: true,
  listener: (event) => console.log(`event: ${event.type} ${event.path}`),
});
await zk.set(path, 'hello again');
await zk.create(`${path}/child`, null, { mode: 'ephemeral' });
console.log(`children: ${await zk.getChildren(path)}`);
await watch.close();

try {
  await zk.set(path, 'too late', { version: stat.version });
} catch (error) {
  if (!(error instanceof RequestError)) throw error;
  console.log(`${error.code}, ${error.outcome}: somebody was faster`);
}

await zk.deleteRecursive(path);
await zk.close();
await own?.close();
