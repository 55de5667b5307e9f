import { describe, expect, it } from 'vitest';
import type { Packet } from '../../../src/codec/packet.ts';
import {
  CONNECT,
  c2s,
  decode,
  decodeAfterConnect,
  exchange,
  frame,
  RECORDED,
  type Read,
  reply,
  request,
  s2c,
} from './conversation-reads.ts';

const OPEN_ACL = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

describe('a recorded conversation', () => {
  it('gives one packet for each frame', () => {
    const packets = decode(RECORDED);
    expect(packets).toHaveLength(RECORDED.length);
    for (const [index, packet] of packets.entries()) {
      const bytes = RECORDED[index]!.hex.length / 2 - 4;
      expect(packet).toMatchObject({ conn: 0, dir: RECORDED[index]!.dir, bytes });
      expect(packet).not.toHaveProperty('error');
      expect(packet).not.toHaveProperty('trailing');
      expect(packet).not.toHaveProperty('outOfOrder');
    }
  });

  it('gives the lines of the format, fields in their order', () => {
    const lines = decode(RECORDED.slice(0, 4)).map((line) => JSON.stringify(line));
    expect(lines).toEqual([
      '{"conn":0,"dir":"c2s","kind":"creq","type":"ConnectRequest","bytes":45,"record":{"protocolVersion":0,"lastZxidSeen":"0","timeOut":10000,"sessionId":"0","passwd":"00000000000000000000000000000000"},"readOnly":false}',
      '{"conn":0,"dir":"s2c","kind":"cresp","type":"ConnectResponse","bytes":37,"record":{"protocolVersion":0,"timeOut":10000,"sessionId":"72057828776542208","passwd":"df73922a80e19eb455cf3f30c9ed6f4d"},"readOnly":false}',
      '{"conn":0,"dir":"c2s","kind":"req","op":1,"bytes":50,"header":{"xid":1,"type":1},"type":"CreateRequest","record":{"path":"/g","data":"76","acl":[{"perms":31,"id":{"scheme":"world","id":"anyone"}}],"flags":0}}',
      '{"conn":0,"dir":"s2c","kind":"resp","op":1,"bytes":22,"header":{"xid":1,"zxid":"2","err":0},"type":"CreateResponse","record":{"path":"/g"}}',
    ]);
  });

  it('keeps null and empty data apart', () => {
    expect(exchange('create /g/n')[0]).toMatchObject({ record: { data: null } });
    expect(exchange('create /g/e-')[0]).toMatchObject({ record: { data: '', flags: 3 } });
  });

  it('gives a reply the operation of its request', () => {
    expect(exchange('createTTL')).toMatchObject([
      { kind: 'req', op: 21, type: 'CreateTTLRequest', record: { flags: 5, ttl: '60000' } },
      { kind: 'resp', op: 21, type: 'Create2Response', record: { path: '/g/t' } },
    ]);
    expect(exchange('getAllChildrenNumber')).toMatchObject([
      { op: 104, type: 'GetAllChildrenNumberRequest', record: { path: '/g' } },
      { op: 104, type: 'GetAllChildrenNumberResponse', record: { totalNumber: 5 } },
    ]);
  });

  it('gives no type and record to a frame without a body', () => {
    expect(exchange('whoAmI')[0]).toEqual({
      conn: 0,
      dir: 'c2s',
      kind: 'req',
      op: 107,
      bytes: 8,
      header: { xid: 27, type: 107 },
    });
    expect(exchange('exists /g/x')[1]).toEqual({
      conn: 0,
      dir: 's2c',
      kind: 'resp',
      op: 3,
      bytes: 16,
      header: { xid: 8, zxid: '7', err: -101 },
    });
  });

  it('shows a watch event as a reply to nothing, before the reply to the write', () => {
    expect(exchange('setData /g w v0')).toMatchObject([
      { kind: 'req', op: 5 },
      {
        kind: 'resp',
        op: 0,
        header: { xid: -1, zxid: '8', err: 0 },
        type: 'WatcherEvent',
        record: { type: 3, state: 3, path: '/g' },
      },
      { kind: 'resp', op: 5, type: 'SetDataResponse', record: { stat: { version: 1 } } },
    ]);
  });

  it('lists the operations and results of a multi', () => {
    const [ask, answer] = exchange('multi ok') as Record<string, unknown>[];
    expect(ask).toMatchObject({ op: 14, type: 'MultiOperationRecord' });
    expect(ask!.record).toEqual([
      { op: 13, request: { path: '/g', version: 1 } },
      { op: 1, request: { path: '/g/m', data: '76', acl: OPEN_ACL, flags: 0 } },
      { op: 5, request: { path: '/g/m', data: '76', version: -1 } },
      { op: 2, request: { path: '/g/m', version: -1 } },
    ]);
    expect(answer).toMatchObject({ op: 14, type: 'MultiResponse', header: { err: 0 } });
    expect(answer!.record).toEqual([
      { op: 13 },
      { op: 1, path: '/g/m' },
      { op: 5, stat: expect.objectContaining({ mzxid: '11', dataLength: 1 }) },
      { op: 2 },
    ]);
  });

  it('lists the errors of a failed multi and of a multiRead', () => {
    expect(exchange('multi failing')[1]).toMatchObject({
      header: { err: 0 },
      record: [
        { op: -1, err: 0 },
        { op: -1, err: -101 },
        { op: -1, err: -2 },
      ],
    });
    expect(exchange('multiRead')).toMatchObject([
      { op: 22, type: 'MultiOperationRecord', record: [{ op: 4 }, { op: 8 }] },
      {
        op: 22,
        type: 'MultiResponse',
        record: [
          { op: 4, data: '77' },
          { op: -1, err: -101 },
        ],
      },
    ]);
  });

  it('knows auth and its answer', () => {
    expect(exchange('auth')).toEqual([
      {
        conn: 0,
        dir: 'c2s',
        kind: 'req',
        op: 100,
        bytes: 29,
        header: { xid: -4, type: 100 },
        type: 'AuthPacket',
        record: { type: 0, scheme: 'digest', auth: '753a70' },
      },
      {
        conn: 0,
        dir: 's2c',
        kind: 'resp',
        op: 100,
        bytes: 16,
        header: { xid: -4, zxid: '0', err: 0 },
      },
    ]);
  });
});

describe('handshakes', () => {
  const shorter = ({ dir, hex }: Read): Read => ({ dir, hex: frame(hex.slice(8, -2)) });

  it('leaves readOnly out when the byte is absent', () => {
    const packets = decode(CONNECT.map(shorter));
    expect(packets).toMatchObject([
      { kind: 'creq', bytes: 44 },
      { kind: 'cresp', bytes: 36 },
    ]);
    for (const packet of packets) expect(packet).not.toHaveProperty('readOnly');
  });

  it('shows readOnly when it is true', () => {
    const packets = decode(CONNECT.map(({ dir, hex }) => ({ dir, hex: `${hex.slice(0, -2)}01` })));
    expect(packets).toMatchObject([{ readOnly: true }, { readOnly: true }]);
  });

  it('shows the refusal of a read-only server as an answer with a header', () => {
    const refusal = s2c('00000010000000000000000000000000ffffff89');
    expect(decode([CONNECT[0]!, refusal])[1]).toEqual({
      conn: 0,
      dir: 's2c',
      kind: 'cresp',
      bytes: 16,
      header: { xid: 0, zxid: '0', err: -119 },
    });
  });

  it('reports a first frame of another size, and goes on', () => {
    const ping = request('fffffffe', '0000000b');
    expect(decode([ping, ping, reply('fffffffe')])).toMatchObject([
      { kind: 'creq', bytes: 8, error: { code: 'BAD_HANDSHAKE', offset: 0 } },
      { kind: 'req', op: 11 },
      { kind: 'cresp', bytes: 16, error: { code: 'BAD_HANDSHAKE', offset: 4 } },
    ]);
  });

  it('takes requests that were sent along with the handshake', () => {
    const [connect, answer] = CONNECT;
    const packets = decode([
      c2s(connect!.hex + frame('00000001', '0000006b')),
      s2c(answer!.hex + frame('00000001', '0000000000000001', '00000000', '00000000')),
    ]);
    expect(packets).toMatchObject([
      { kind: 'creq' },
      { kind: 'req', op: 107 },
      { kind: 'cresp' },
      { kind: 'resp', op: 107, record: { clientInfo: [] } },
    ]);
  });
});

describe('replies and their requests', () => {
  const path = '00000001 2f';

  it('tells pings apart by the xid of the answer, whatever xid the ping had', () => {
    const packets = decodeAfterConnect([
      request('0000004d', '0000000b'),
      request('00000001', '00000009', path),
      reply('fffffffe'),
      reply('00000001', '00000000', path),
    ]);
    expect(packets).toMatchObject([{ op: 11 }, { op: 9 }, { op: 11 }, { op: 9 }]);
    expect(packets[3]).not.toHaveProperty('outOfOrder');
  });

  it('knows the answer to an auth with an xid of its own, past requests that wait', () => {
    const packets = decodeAfterConnect([
      request('00000001', '00000009', path),
      request('0000022b', '00000064', '00000000 00000000 00000000'),
      reply('0000022b'),
      reply('00000001', '00000000', path),
    ]);
    expect(packets).toMatchObject([{ op: 9 }, { op: 100 }, { op: 100 }, { op: 9 }]);
    expect(packets[3]).not.toHaveProperty('outOfOrder');
  });

  it('knows setWatches with the xid of the C client', () => {
    const vectors = '0000000000000000 00000000 00000000 00000000';
    expect(
      decodeAfterConnect([request('fffffff8', '00000065', vectors), reply('fffffff8')]),
    ).toMatchObject([
      { op: 101, type: 'SetWatches', record: { relativeZxid: '0', dataWatches: [] } },
      { op: 101, header: { xid: -8 } },
    ]);
  });

  it('answers repeated xids in the order of their requests', () => {
    const packets = decodeAfterConnect([
      request('00000000', '00000009', path),
      request('00000000', '00000002', `${path} ffffffff`),
      request('00000000', '00000068', path),
      reply('00000000', '00000000', path),
      reply('00000000'),
      reply('00000000', '00000000', '00000007'),
    ]);
    expect(packets.slice(3)).toMatchObject([
      { op: 9, record: { path: '/' } },
      { op: 2 },
      { op: 104, record: { totalNumber: 7 } },
    ]);
  });

  it('marks a reply that overtook another once', () => {
    const packets = decodeAfterConnect([
      ...['00000001', '00000002', '00000003'].map((xid) => request(xid, '00000009', path)),
      ...['00000002', '00000003', '00000001'].map((xid) => reply(xid, '00000000', path)),
    ]) as Packet[];
    expect(packets.slice(3).map((packet) => packet.outOfOrder)).toEqual([true, undefined, true]);
  });

  it('reports a reply to no request, and goes on', () => {
    expect(
      decodeAfterConnect([reply('00000009'), request('00000001', '0000000b'), reply('fffffffe')]),
    ).toMatchObject([
      { dir: 's2c', kind: 'resp', bytes: 16, error: { code: 'UNEXPECTED_XID', offset: 4 } },
      { op: 11 },
      { op: 11 },
    ]);
  });

  it('knows that a failed SASL step has a body all the same', () => {
    // Recorded: server 3.8.0, DIGEST-MD5 with a wrong password.
    const refused = s2c('00000014000000020000000000000000ffffff8dffffffff');
    expect(
      decodeAfterConnect([request('00000002', '00000066', '00000000'), refused]),
    ).toMatchObject([
      { op: 102, type: 'GetSASLRequest', record: { token: '' } },
      { op: 102, header: { err: -115 }, type: 'SetSASLResponse', record: { token: null } },
    ]);
  });

  it('answers a request whose own body could not be decoded', () => {
    expect(
      decodeAfterConnect([request('00000001', '00000004'), reply('00000001', 'fffffffb')]),
    ).toEqual([
      { conn: 0, dir: 'c2s', kind: 'req', bytes: 8, error: { code: 'TRUNCATED', offset: 12 } },
      {
        conn: 0,
        dir: 's2c',
        kind: 'resp',
        op: 4,
        bytes: 16,
        header: { xid: 1, zxid: '5', err: -5 },
      },
    ]);
  });
});

describe('four-letter words', () => {
  const hex = (text: string) => Buffer.from(text).toString('hex');

  it('are shown with the text that answers them', () => {
    expect(decode([c2s(hex('ruok')), s2c(hex('imok'))])).toEqual([
      { conn: 0, dir: 'c2s', kind: '4lw', text: 'ruok' },
      { conn: 0, dir: 's2c', kind: '4lw', text: 'imok' },
    ]);
  });

  it('are known when split, and with the line end that people type', () => {
    const packets = decode([
      c2s(hex('sr')),
      c2s(hex('vr\n')),
      s2c(hex('Zookeeper version: 3.8.0\n')),
      s2c(hex('Mode: standalone\n')),
    ]);
    expect(packets).toMatchObject([
      { dir: 'c2s', text: 'srvr' },
      { dir: 's2c', text: 'Zookeeper version: 3.8.0\n' },
      { dir: 's2c', text: 'Mode: standalone\n' },
    ]);
  });

  it('leave what follows as bytes', () => {
    expect(decode([c2s(`${hex('stmk')}0000000000000102`)])).toEqual([
      { conn: 0, dir: 'c2s', kind: '4lw', text: 'stmk' },
      { conn: 0, dir: 'c2s', kind: 'incomplete', rest: '0000000000000102' },
    ]);
  });

  it('are words only at the start of a connection', () => {
    expect(decodeAfterConnect([c2s(hex('ruok'))])[0]).toMatchObject({
      kind: 'req',
      bytes: 0x72756f6b,
      error: { code: 'FRAME_TOO_LARGE', offset: 0 },
    });
  });
});
