import { expect, describe as group, it } from 'vitest';
import { Conversation } from '../../../src/codec/conversation.ts';
import { describe } from '../../../src/codec/describe.ts';
import type { Direction, Packet } from '../../../src/codec/packet.ts';
import { RECORDED_EXCHANGES } from './recorded-exchanges.ts';

const LINES: readonly string[] = (() => {
  const lines: string[] = [];
  const conversation = new Conversation((packet) => lines.push(describe(packet)));
  for (const { frames } of RECORDED_EXCHANGES) {
    for (const { dir, hex } of frames) conversation.push(0, dir, Buffer.from(hex, 'hex'));
  }
  return lines;
})();

/** The lines of one recorded exchange. */
function exchange(name: string): string[] {
  let at = 0;
  for (const candidate of RECORDED_EXCHANGES) {
    const count = candidate.frames.length;
    if (candidate.name.startsWith(name)) return LINES.slice(at, at + count);
    at += count;
  }
  throw new Error(`no exchange ${name}`);
}

function request(type: string, op: number, record: object): string {
  return describe({
    conn: 0,
    dir: 'c2s',
    kind: 'req',
    op,
    bytes: 0,
    header: { xid: 1, type: op },
    type,
    record,
  });
}

function reply(op: number, err: number, fields: Partial<Packet> = {}): string {
  const header = { xid: 1, zxid: 5n, err };
  return describe({ conn: 2, dir: 's2c', kind: 'resp', op, bytes: 16, header, ...fields });
}

const STAT =
  'stat={czxid=0x2 mzxid=0x2 ctime=1795251156732 mtime=1795251156732 version=0 cversion=5 aversion=0 ephemeralOwner=0x0 dataLength=1 numChildren=5 pzxid=0x7}';

group('a recorded conversation', () => {
  it.each([
    [
      'connect',
      [
        'c0 > connect protocolVersion=0 lastZxidSeen=0x0 timeOut=10000 sessionId=0x0 passwd=16B[redacted] readOnly=false',
        'c0 < connect ok protocolVersion=0 timeOut=10000 sessionId=0x1000036a7830000 passwd=16B[redacted] readOnly=false',
      ],
    ],
    [
      'create /g data v',
      [
        'c0 > #1 create path="/g" data=1B"v" acl=[world:anyone cdrwa] flags=0',
        'c0 < #1 create zxid=0x2 ok path="/g"',
      ],
    ],
    [
      'create /g/n',
      [
        'c0 > #2 create path="/g/n" data=null acl=[world:anyone cdrwa] flags=0',
        'c0 < #2 create zxid=0x3 ok path="/g/n"',
      ],
    ],
    [
      'create /g/e-',
      [
        'c0 > #3 create path="/g/e-" data=0B acl=[world:anyone cdrwa] flags=3',
        'c0 < #3 create zxid=0x4 ok path="/g/e-0000000001"',
      ],
    ],
    ['exists /g', ['c0 > #7 exists path="/g" watch=false', `c0 < #7 exists zxid=0x7 ok ${STAT}`]],
    [
      'exists /g/x',
      ['c0 > #8 exists path="/g/x" watch=true', 'c0 < #8 exists zxid=0x7 NONODE(-101)'],
    ],
    [
      'getChildren /g',
      [
        'c0 > #15 getChildren path="/g" watch=false',
        'c0 < #15 getChildren zxid=0xa ok children=["ct", "e-0000000001", "t", "n", "c2"]',
      ],
    ],
    [
      'multi failing',
      [
        'c0 > #19 multi [check path="/g" version=1, delete path="/g/none" version=-1, check path="/g" version=1]',
        'c0 < #19 multi zxid=0xc failed at 1 NONODE(-101) [OK, NONODE(-101), RUNTIMEINCONSISTENCY(-2)]',
      ],
    ],
    [
      'addWatch',
      [
        'c0 > #21 addWatch path="/g" mode=PersistentRecursive',
        'c0 < #21 addWatch zxid=0xc ok err=0',
      ],
    ],
    [
      'removeWatches',
      ['c0 > #24 removeWatches path="/g" type=Any', 'c0 < #24 removeWatches zxid=0xc ok'],
    ],
    [
      'auth',
      ['c0 > #-4 auth type=0 scheme="digest" auth=3B[redacted]', 'c0 < #-4 auth zxid=0x0 ok'],
    ],
    [
      'whoAmI',
      [
        'c0 > #27 whoAmI',
        'c0 < #27 whoAmI zxid=0xc ok clientInfo=[{authScheme="ip" user="127.0.0.1"}, {authScheme="digest" user="u"}]',
      ],
    ],
  ])('%s', (name, lines) => {
    expect(exchange(name)).toEqual(lines);
  });

  it('shows a watch event', () => {
    expect(exchange('setData /g w v0')[1]).toBe(
      'c0 < event zxid=0x8 NodeDataChanged state=SyncConnected path="/g"',
    );
  });

  it('shows the results of a multi by their own types', () => {
    const [, line] = exchange('multi ok');
    expect(line).toMatch(
      /^c0 < #18 multi zxid=0xb ok \[check, create path="\/g\/m", setData stat=\{.*\}, delete\]$/,
    );
  });

  it('is one line a frame', () => {
    for (const line of LINES) expect(line).toMatch(/^c0 [<>] [\x20-\x7e]+$/);
  });
});

group('what is never shown', () => {
  it('is a password, a credential, a token or the hash of a digest id', () => {
    const secret = Buffer.from('geheim');
    const acl = [{ perms: 1, id: { scheme: 'digest', id: 'u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ=' } }];
    const texts = [
      request('AuthPacket', 100, { type: 0, scheme: 'digest', auth: secret }),
      request('GetSASLRequest', 102, { token: secret }),
      reply(102, 0, { type: 'SetSASLResponse', record: { token: secret } }),
      describe({
        conn: 0,
        dir: 'c2s',
        kind: 'creq',
        bytes: 44,
        type: 'ConnectRequest',
        record: { passwd: secret },
      }),
      request('SetACLRequest', 7, { path: '/a', acl, version: -1 }),
      describe({ conn: 0, dir: 'c2s', kind: 'incomplete', rest: secret }),
    ];
    expect(texts).toEqual([
      'c0 > #1 auth type=0 scheme="digest" auth=6B[redacted]',
      'c0 > #1 sasl token=6B[redacted]',
      'c2 < #1 sasl zxid=0x5 ok token=6B[redacted]',
      'c0 > connect passwd=6B[redacted]',
      'c0 > #1 setACL path="/a" acl=[digest:u:[redacted] r] version=-1',
      'c0 > incomplete 6B',
    ]);
    for (const text of texts) expect(text).not.toMatch(/geheim|67656865696d|Jq7w/);
  });
});

group('values', () => {
  it('cuts what is long, and says how much is hidden', () => {
    const path = `/${'a'.repeat(300)}`;
    expect(request('SyncRequest', 9, { path })).toBe(`c0 > #1 sync path="/${'a'.repeat(119)}"+181`);
    const children = Array.from({ length: 1000 }, (_, index) => `n${index}`);
    expect(reply(8, 0, { type: 'GetChildrenResponse', record: { children } })).toBe(
      'c2 < #1 getChildren zxid=0x5 ok children=["n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", +992]',
    );
    const data = Buffer.alloc(1000, 'x');
    expect(request('SetDataRequest', 5, { path: '/', data, version: 0 })).toBe(
      'c0 > #1 setData path="/" data=1000B"xxxxxxxxxxxxxxxx"… version=0',
    );
  });

  it('shows data that is no text as hex', () => {
    const data = Buffer.from('00ff0a', 'hex');
    expect(request('SetDataRequest', 5, { path: '/', data, version: 0 })).toContain(
      'data=3B(00ff0a)',
    );
    expect(
      request('SetDataRequest', 5, { path: '/', data: Buffer.alloc(99), version: 0 }),
    ).toContain(`data=99B(${'00'.repeat(16)}…)`);
  });

  it('escapes what would break the line or mislead', () => {
    const path = '/a\n\r\t\0\x1b[31m"\\\u2028\u202e\ud800x\u{1f600}ü';
    expect(request('SyncRequest', 9, { path })).toBe(
      'c0 > #1 sync path="/a\\n\\r\\t\\u0000\\u001b[31m\\"\\\\\\u2028\\u202e\\ud800x\u{1f600}ü"',
    );
    expect(describe({ conn: 0, dir: 's2c', kind: '4lw', text: 'a\nb' })).toBe('c0 < 4lw "a\\nb"');
  });

  it('keeps null apart from empty', () => {
    expect(request('SetDataRequest', 5, { path: null, data: null, version: 0 })).toBe(
      'c0 > #1 setData path=null data=null version=0',
    );
    expect(reply(8, 0, { type: 'GetChildrenResponse', record: { children: null } })).toBe(
      'c2 < #1 getChildren zxid=0x5 ok children=null',
    );
    expect(reply(8, 0, { type: 'GetChildrenResponse', record: { children: [] } })).toBe(
      'c2 < #1 getChildren zxid=0x5 ok children=[]',
    );
  });

  it('shows permissions as letters, and what has none as a number', () => {
    const withPerms = (perms: number) =>
      request('SetACLRequest', 7, { acl: [{ perms, id: { scheme: 'ip', id: '10.0.0.1/8' } }] });
    expect(withPerms(31)).toBe('c0 > #1 setACL acl=[ip:10.0.0.1/8 cdrwa]');
    expect(withPerms(1)).toContain(' r]');
    expect(withPerms(64 | 2)).toContain(' w+0x40]');
    expect(withPerms(0)).toContain(' none]');
  });

  it('survives numbers without a name', () => {
    expect(reply(999, -999)).toBe('c2 < #1 op(999) zxid=0x5 UNKNOWN(-999)');
    const event = { type: 'WatcherEvent', record: { type: 77, state: 88, path: '/' } };
    expect(reply(0, 0, event)).toBe('c2 < event zxid=0x5 77 state=88 path="/"');
  });
});

group('marks', () => {
  const line = (dir: Direction, fields: Partial<Packet>) =>
    describe({ conn: 1, dir, kind: dir === 'c2s' ? 'req' : 'resp', bytes: 58, ...fields });

  it('shows what could not be decoded', () => {
    expect(line('c2s', { error: { code: 'TRUNCATED', offset: 20 } })).toBe(
      'c1 > req 58B undecodable: TRUNCATED at byte 20',
    );
  });

  it('shows trailing bytes and a reply out of order', () => {
    const fields: Partial<Packet> = { trailing: 3, outOfOrder: true };
    expect(reply(2, 0, fields)).toBe('c2 < #1 delete zxid=0x5 ok trailing=3B out-of-order');
  });

  it('shows an expired and a refused handshake', () => {
    const record = { timeOut: 0 };
    expect(line('s2c', { kind: 'cresp', type: 'ConnectResponse', record })).toBe(
      'c1 < connect expired timeOut=0',
    );
    expect(line('s2c', { kind: 'cresp', header: { xid: 0, zxid: 0n, err: -119 } })).toBe(
      'c1 < connect zxid=0x0 NOTREADONLY(-119)',
    );
  });

  it('counts what is left over', () => {
    const rest = Buffer.alloc(5);
    expect(line('s2c', { kind: 'incomplete', rest, omitted: 7 })).toBe('c1 < incomplete 12B');
  });
});
