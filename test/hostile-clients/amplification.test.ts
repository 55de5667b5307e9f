import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { createServer } from '../../src/server/index.ts';
import * as bytes from './support/attack-bytes.ts';
import { Attacker } from './support/attacker.ts';
import { Neighbour } from './support/neighbour.ts';
import { watchPeakMemory } from './support/peak-memory.ts';

const MULTI_READ = 22;
const ATTACKERS = 40;
/** Making the answers keeps a slow machine from its event loop for many seconds. */
const SESSION_TIMEOUT_MS = 240_000;
/** 256 MiB of unread answers, one answer at its largest on its way between two slabs, and garbage. */
const PEAK_BYTES_MAX = 768 * 1024 * 1024;

it('small requests for huge answers that nobody reads do not add up', async () => {
  const server = await createServer({
    port: 0,
    maxClientConnections: 0,
    maxSessionTimeoutMs: SESSION_TIMEOUT_MS,
  });
  const client = await connect(server.connectString);
  await client.create('/large', Buffer.alloc(500_000, 1));
  await client.close();
  const neighbour = await Neighbour.moveIn(server.connectString, 'amplified', SESSION_TIMEOUT_MS);
  const read = bytes.operation(4, bytes.lengthed('/large'), Buffer.from([0]));
  const request = bytes.request(
    1,
    MULTI_READ,
    Buffer.alloc(read.length * 500, read),
    bytes.END_OF_MULTI,
  );
  const attackers = Array.from(
    { length: ATTACKERS },
    () => new Attacker(server.port as number, '127.0.0.1'),
  );
  await Promise.all(attackers.map((attacker) => attacker.greet()));
  const peak = watchPeakMemory();
  for (const attacker of attackers) {
    attacker.stopReading();
    attacker.send(Buffer.concat([request, request, request]));
  }
  await pause(3_000);
  const peakBytes = peak();
  console.log(
    `${ATTACKERS} attackers: resident memory at most ${Math.round(peakBytes / 2 ** 20)} MiB more`,
  );
  for (const attacker of attackers) attacker.reset();
  await Promise.all(attackers.map((attacker) => attacker.leave()));
  expect(await neighbour.stop()).toEqual([]);
  expect(peakBytes).toBeLessThan(PEAK_BYTES_MAX);
  await neighbour[Symbol.asyncDispose]();
  await server.close();
  expect(server.slabs.outstanding).toBe(0);
});
