import { afterEach, describe, expect, it } from 'vitest';
import type { JuteWriter } from '../../../src/codec/index.ts';
import { createTtl, encoded, frameOf, multi, raw, remove } from '../../../src/conform/requests.ts';
import { Transcript } from '../../../src/conform/transcript.ts';
import { WireConnection } from '../../../src/conform/wire-connection.ts';
import { memoryLinkPair } from '../../../src/transport/index.ts';

const open: WireConnection[] = [];

afterEach(() => {
  for (const connection of open.splice(0)) connection.destroy();
});

async function connection(): Promise<WireConnection> {
  const { client } = memoryLinkPair();
  const wire = await WireConnection.open(async () => client, new Transcript(), 200);
  open.push(wire);
  return wire;
}

/** A createTTL body with another mode than the two that have a TTL. */
function plainTtl(): Buffer {
  const { body } = createTtl('/a', 1n);
  body.writeInt32BE(0, body.length - 12);
  return body;
}

describe('requests that servers do not survive', () => {
  it('are never sent: a check outside a multi', async () => {
    const wire = await connection();
    const body = encoded((w: JuteWriter) => w.ustring('/a'));
    expect(() => wire.sendFrame(frameOf(1, raw(13, body)))).toThrow('must never be sent');
    expect(() => wire.sendFrames([frameOf(1, raw(13, body))])).toThrow('must never be sent');
  });

  it.each([
    ['alone', raw(21, plainTtl())],
    ['cut short, which a server may read otherwise than we', raw(21, plainTtl().subarray(0, 9))],
    ['in a multi', multi([raw(21, plainTtl())])],
    ['in a multi that we cannot decode', multi([raw(999), raw(21, plainTtl())])],
  ])('are never sent: a createTTL without a TTL mode, %s', async (_, request) => {
    const wire = await connection();
    expect(() => wire.sendFrame(frameOf(1, request))).toThrow('must never be sent');
  });

  it('are not taken for others', async () => {
    const wire = await connection();
    for (const request of [createTtl('/a', 1n), multi([createTtl('/a', 1n)]), remove('/a')]) {
      expect(() => wire.sendFrame(frameOf(1, request))).not.toThrow();
    }
  });
});
