// The layers below the client: a connection of one's own, and a request made of its record.
// Usage: node examples/embed-transport.mjs [host:port]

import {
  OP,
  readGetAllChildrenNumberResponse,
  writeGetAllChildrenNumberRequest,
} from 'zkwire/codec';
import { Connection, parseConnectString } from 'zkwire/session';
import { dial, formatHost } from 'zkwire/transport';

const { servers } = parseConnectString(process.argv[2] ?? '127.0.0.1:2181');
const [{ host, port }] = servers;

// A dialer makes a byte link. This one is TCP; a proxy, a tunnel or a link in memory would do as well.
const dialer = (signal) => dial({ host, port, signal });
const connection = await Connection.open(dialer, formatHost(host, port), {
  sessionTimeoutMs: 10_000,
  events: { onEnd: (reason) => console.log(`over: ${reason.code}`) },
});
const { pipeline } = connection;

// Three lines a request: begin it, write its record, commit it with a function that reads the answer.
const path = '/zookeeper';
writeGetAllChildrenNumberRequest(pipeline.begin(OP.getAllChildrenNumber, path), path);
const { totalNumber } = await pipeline.promise(readGetAllChildrenNumberResponse);
console.log(`${totalNumber} nodes below ${path}`);

const { requests, replies, writes } = pipeline.counters();
console.log(`${requests} request, ${replies} reply, ${writes} write`);
await connection.close();
