import { describe, expect, it } from 'vitest';
import {
  Conversation,
  describe as lineOf,
  OP,
  writeCreateRequest,
  writeGetSASLRequest,
  writeSetSASLResponse,
} from '../../../src/codec/index.ts';
import { LinkError } from '../../../src/errors.ts';
import type { Pipeline } from '../../../src/pipeline/pipeline.ts';
import type { WireRecord } from '../../../src/session/wire-tap.ts';
import { memoryLinkPair } from '../../../src/transport/index.ts';
import { dataReply, notification, pong, reply } from '../pipeline/frames.ts';
import { settled } from '../pipeline/pipelines.ts';
import {
  connected,
  get,
  getRequest,
  gists,
  greeted,
  HELLO,
  HOST,
  scene,
  sendOn,
  taker,
  WELCOME,
} from './wire-taps.ts';

describe('the lines of a wire tap', () => {
  it('say when, which server, which connection, which direction, and what', async () => {
    const { link, clock, lines, pipeline } = await connected();
    clock.advance(12.34);
    get(pipeline, '/a');
    get(pipeline, '/b');
    clock.advance(0.5);
    const refusal = reply(2, { zxid: 8n, err: -101 });
    link.deliver(dataReply(1, 'one', 7n), notification('/a', 8n), refusal);
    pipeline.ping();
    pipeline.flush();
    link.deliver(pong());
    link.over();
    expect(lines.map((line) => line.replace(/ stat=.*/, ' STAT'))).toEqual([
      `0.0ms ${HOST} c0 > connect protocolVersion=0 lastZxidSeen=0x0 timeOut=30000 sessionId=0x0 passwd=16B[redacted] readOnly=false`,
      `0.0ms ${HOST} c0 < connect ok protocolVersion=0 timeOut=12000 sessionId=0x77 passwd=16B[redacted] readOnly=false`,
      `12.3ms ${HOST} c0 > #1 getData path="/a" watch=false`,
      `12.3ms ${HOST} c0 > #2 getData path="/b" watch=false`,
      `12.8ms ${HOST} c0 < #1 getData zxid=0x7 ok data=3B"one" STAT`,
      `12.8ms ${HOST} c0 < event zxid=0x8 NodeDataChanged state=SyncConnected path="/a"`,
      `12.8ms ${HOST} c0 < #2 getData zxid=0x8 NONODE(-101)`,
      `12.8ms ${HOST} c0 > #-2 ping`,
      `12.8ms ${HOST} c0 < #-2 ping zxid=0x1 ok`,
      `12.8ms ${HOST} c0 ended LINK_CLOSED`,
    ]);
  });

  it('are one a frame, however the bytes are cut', async () => {
    const { link, lines, pipeline } = await connected();
    get(pipeline, '/a');
    link.drip(Buffer.concat([dataReply(1, 'one'), pong()]));
    expect(gists(lines.slice(2))).toEqual(['> #1 getData', '< #1 getData', '< #-2 ping']);
  });

  it('are there before anybody acts on the frame', async () => {
    const { link, lines, pipeline } = await connected();
    let seen = 0;
    get(pipeline, '/a', () => {
      seen = lines.length;
    });
    link.deliver(dataReply(1, 'x'));
    expect(seen).toBe(4);
  });

  it('number the connections of a tap', async () => {
    const { lines, tap, send } = scene();
    const dialed = memoryLinkPair().client;
    const dialer = tap.dialer(() => Promise.resolve(dialed));
    const second = await dialer({ host: 'b', port: 1 }, new AbortController().signal);
    sendOn(second, HELLO);
    send(HELLO);
    expect(lines.map((line) => line.split(' ').slice(1, 4).join(' '))).toEqual([
      'memory:server c1 >',
      `${HOST} c0 >`,
    ]);
  });

  it('show large data by its size', () => {
    const { link, lines, send } = greeted();
    send(getRequest(1));
    link.deliver(dataReply(1, Buffer.alloc(1_000_000, 0x61)));
    expect(lines[1]).toContain('data=1000000B"aaaaaaaaaaaaaaaa"… stat=');
    expect(lines[1]!.length).toBeLessThan(400);
  });

  it('know frames up to the limit of the pipeline, and more of a reply', () => {
    const { link, lines, send } = greeted({ frameBytesMax: 100 });
    send(getRequest(1), getRequest(2));
    link.deliver(dataReply(1, Buffer.alloc(65_000)));
    link.deliver(dataReply(2, Buffer.alloc(66_000)));
    expect(gists(lines).slice(2)).toEqual(['< #1 getData', '< resp 66088B']);
  });

  it('show four-letter words', () => {
    const { link, lines, tapped, send } = scene();
    tapped.start(taker());
    send(Buffer.from('isro'));
    link.deliver(Buffer.from('rw'));
    expect(lines).toEqual([`0.0ms ${HOST} c0 > 4lw "isro"`, `0.0ms ${HOST} c0 < 4lw "rw"`]);
  });
});

describe('secrets', () => {
  it('are in no line, decoded or not', async () => {
    const { link, lines, pipeline } = await connected();
    pipeline.auth('digest', Buffer.from('user:auth-secret'), () => {});
    const hash = { scheme: 'digest', id: 'user:digest-secret' };
    const create = pipeline.begin(OP.create, '/a');
    writeCreateRequest(create, '/a', null, [{ perms: 31, id: hash }], 0);
    pipeline.callback(
      () => {},
      () => {},
    );
    writeGetSASLRequest(pipeline.begin(OP.sasl, null), Buffer.from('token-secret'));
    pipeline.callback(
      () => {},
      () => {},
    );
    pipeline.flush();
    const challenge = Buffer.from('token-secret');
    link.deliver(
      reply(-4),
      reply(1, { err: -110 }),
      reply(2, { body: (writer) => writeSetSASLResponse(writer, challenge) }),
    );
    const torn = reply(3, { body: (writer) => writeSetSASLResponse(writer, challenge) });
    link.deliver(torn, Buffer.from([0, 0, 0, 99]), Buffer.from('token-secret'));
    link.over();
    expect(gists(lines)).toEqual([
      '> connect protocolVersion=0',
      '< connect ok',
      '> #-4 auth',
      '> #1 create',
      '> #2 sasl',
      '< #-4 auth',
      '< #1 create',
      '< #2 sasl',
      '< resp 32B',
      '< incomplete 16B',
      'ended PROTOCOL_VIOLATION',
    ]);
    expect(lines.join('\n')).not.toMatch(/secret|session-password/);
    expect(lines.join('\n').match(/\[redacted\]/g)).toHaveLength(6);
  });
});

describe('frames that cannot be decoded', () => {
  it('are shown as such, and their bytes reach the handler', () => {
    const { link, lines, handler } = greeted();
    const nobodys = reply(9);
    const negative = Buffer.from('ffffff00', 'hex');
    link.deliver(nobodys);
    link.deliver(negative);
    link.deliver(Buffer.from('more'));
    link.over();
    expect(lines).toEqual([
      `0.0ms ${HOST} c0 < resp 16B undecodable: UNEXPECTED_XID at byte 4`,
      `0.0ms ${HOST} c0 < resp -256B undecodable: BAD_FRAME_LENGTH at byte 0`,
      `0.0ms ${HOST} c0 < incomplete 8B`,
      `0.0ms ${HOST} c0 ended LINK_CLOSED`,
    ]);
    expect(handler.offered.slice(1)).toEqual(
      [nobodys, negative, Buffer.from('more')].map((bytes) => bytes.toString('latin1')),
    );
    expect(handler.ends).toEqual(['LINK_CLOSED']);
  });
});

describe('the function that is given the lines', () => {
  it('is reported once when it throws, is called on, and disturbs nothing', async () => {
    let calls = 0;
    const { link, errors, pipeline } = await connected({
      onLine: () => {
        throw new Error(`call ${++calls}`);
      },
    });
    let answered = false;
    get(pipeline, '/a', () => {
      answered = true;
    });
    link.deliver(dataReply(1, 'x'));
    expect(answered).toBe(true);
    expect(calls).toBe(4);
    expect(errors).toEqual([[new Error('call 1'), 'wireTap']]);
  });

  it('may be async, and reject', async () => {
    const onLine = (async () => {
      throw new Error('later');
    }) as () => void;
    const { errors } = await connected({ onLine });
    await settled();
    expect(errors).toEqual([[new Error('later'), 'wireTap']]);
  });

  it('may throw at a process that takes no reports either', async () => {
    const warnings: unknown[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', onWarning);
    const { pipeline } = await connected({
      onLine: () => {
        throw new Error('line');
      },
      onCallbackError: () => {
        throw new Error('report');
      },
    });
    await settled();
    process.off('warning', onWarning);
    expect(pipeline.ended).toBe(false);
    expect(warnings).toEqual(['report']);
  });

  it('may make requests: their lines come after those at hand', async () => {
    const gistsSeen: string[] = [];
    let pipeline: Pipeline | null = null;
    const opened = await connected({
      onLine: (line) => {
        gistsSeen.push(...gists([line]));
        if (line.includes('< #1 ')) get(pipeline as Pipeline, '/c');
      },
    });
    pipeline = opened.pipeline;
    get(pipeline, '/a');
    get(pipeline, '/b');
    opened.link.deliver(dataReply(1, 'x'), dataReply(2, 'x'));
    opened.link.deliver(dataReply(3, 'x'));
    expect(gistsSeen.slice(2)).toEqual([
      '> #1 getData',
      '> #2 getData',
      '< #1 getData',
      '< #2 getData',
      '> #3 getData',
      '< #3 getData',
    ]);
  });

  it('may drop the connection: the bytes at hand are not handed on', () => {
    const opened = greeted({
      onLine: (line) => {
        if (line.includes(' < #-2 ')) opened.tapped.destroy(new LinkError('LINK_FAULT', HOST));
      },
    });
    opened.link.deliver(pong());
    expect(opened.handler.offered).toHaveLength(1);
    expect(opened.handler.ends).toEqual(['LINK_FAULT']);
  });

  it('is not called any more on a connection whose tap has failed itself', () => {
    let broken = false;
    const { link, lines, errors, handler } = greeted({
      nowMs: () => {
        if (broken) throw new Error('no time');
        return 0;
      },
    });
    broken = true;
    link.deliver(pong());
    broken = false;
    link.deliver(pong());
    link.over();
    expect(lines).toEqual([]);
    expect(errors).toEqual([[new Error('no time'), 'wireTap']]);
    expect([handler.offered.length, handler.ends]).toEqual([3, ['LINK_CLOSED']]);
  });
});

describe('the records of a wire tap', () => {
  it('are a session capture: decoded, they give the lines', () => {
    const records: WireRecord[] = [];
    const { link, clock, lines, send, tapped } = scene({
      onRecord: (record) => void records.push(record),
    });
    tapped.start(taker());
    send(HELLO);
    clock.advance(3.06);
    link.deliver(WELCOME);
    send(getRequest(1), getRequest(2));
    link.drip(dataReply(1, 'one'));
    expect(records.slice(0, 3)).toEqual([
      { conn: 0, dir: 'c2s', t_ms: 0, hex: HELLO.toString('hex') },
      { conn: 0, dir: 's2c', t_ms: 3.1, hex: WELCOME.toString('hex') },
      {
        conn: 0,
        dir: 'c2s',
        t_ms: 3.1,
        hex: Buffer.concat([getRequest(1), getRequest(2)]).toString('hex'),
      },
    ]);
    const replayed: string[] = [];
    const conversation = new Conversation((packet) => void replayed.push(lineOf(packet)));
    for (const { conn, dir, hex } of records) conversation.push(conn, dir, Buffer.from(hex, 'hex'));
    expect(replayed).toEqual(lines.map((line) => line.split(' ').slice(2).join(' ')));
    expect(replayed).toHaveLength(5);
  });

  it('come without lines too, and are reported under their own name', () => {
    const lost = new Error('disk full');
    const { errors, link, tapped, send } = scene({
      onLine: undefined,
      onRecord: () => {
        throw lost;
      },
    });
    const handler = taker();
    tapped.start(handler);
    send(HELLO);
    link.deliver(WELCOME);
    link.over();
    expect(errors).toEqual([[lost, 'wireCapture']]);
    expect([handler.offered.length, handler.ends]).toEqual([1, ['LINK_CLOSED']]);
  });
});
