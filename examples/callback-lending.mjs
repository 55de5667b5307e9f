// The callback API lends bytes: no copy and no promise a request. Sums up a node many times over.
// Usage: node examples/callback-lending.mjs [host:port] [requests]

import { connect } from 'zkwire';

const zk = await connect(process.argv[2] ?? '127.0.0.1:2181');
const requests = Number(process.argv[3] ?? 10_000);
const path = await zk.create('/lending-', 'x'.repeat(100), { mode: 'ephemeral-sequential' });

let bytes = 0;
let kept = null;

await new Promise((resolve, reject) => {
  let asked = 0;
  let answered = 0;
  const answer = (error, reply) => {
    if (error !== null) return reject(error);
    // `reply.data` is a view of the receive slab. It is valid until this function returns ...
    bytes += reply.data.length;
    // ... so what must live longer is copied.
    kept ??= Buffer.from(reply.data);
    if (++answered === requests) return resolve();
    ask();
  };
  // The pipeline is bounded: fill it, and go on as answers make room.
  const ask = () => {
    while (asked < requests && asked - answered < 1000) {
      asked++;
      zk.lending.get(path, answer);
    }
  };
  ask();
});

console.log(
  `${requests} answers, ${bytes} bytes, the first began with ${kept.toString('utf8', 0, 3)}`,
);
await zk.close();
