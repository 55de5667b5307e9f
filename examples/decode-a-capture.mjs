// What is inside a recorded conversation: one line a frame, then how often each operation was asked for.
// Record one with `zkwire record`, or take one of test/fixtures/sessions.
// Usage: node examples/decode-a-capture.mjs [capture.json]

import { readFileSync } from 'node:fs';
import { Conversation, describe, operationName } from 'zkwire/codec';

const file =
  process.argv[2] ?? new URL('../test/fixtures/sessions/java-basic.json', import.meta.url);
const capture = JSON.parse(readFileSync(file, 'utf8'));
const asked = new Map();

const conversation = new Conversation((packet) => {
  console.log(describe(packet));
  if (packet.kind === 'req') asked.set(packet.op, (asked.get(packet.op) ?? 0) + 1);
});

// A record is one read from a socket: frames may be split over several, or several be in one.
for (const { conn, dir, hex } of capture.records) {
  conversation.push(conn, dir, Buffer.from(hex, 'hex'));
}
conversation.end();

for (const [op, times] of asked) console.log(`${String(times).padStart(4)} ${operationName(op)}`);
