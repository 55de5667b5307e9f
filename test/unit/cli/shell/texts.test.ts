import { describe, expect, it } from 'vitest';
import { idText, parseAcl, permsText } from '../../../../src/cli/shell/acl-text.ts';
import { clientAddresses } from '../../../../src/cli/shell/ensemble-commands.ts';
import { javaDate } from '../../../../src/cli/shell/java-date.ts';
import { dataJson, dataText, hexDump } from '../../../../src/cli/shell/node-data.ts';
import { checkedPath } from '../../../../src/cli/shell/node-path.ts';
import { parseInt32, parseLong } from '../../../../src/cli/shell/numbers.ts';
import { QuotaTrack } from '../../../../src/cli/shell/quota-track.ts';
import { statJson, statLines } from '../../../../src/cli/shell/stat-text.ts';

describe('javaDate', () => {
  // Printed by Java 17.
  it.each([
    ['UTC', 'Sat Nov 21 08:20:52 UTC 2026'],
    ['Europe/Berlin', 'Sat Nov 21 09:20:52 CET 2026'],
    ['Europe/London', 'Sat Nov 21 08:20:52 GMT 2026'],
    ['America/New_York', 'Sat Nov 21 03:20:52 EST 2026'],
    ['Asia/Tokyo', 'Sat Nov 21 17:20:52 JST 2026'],
    ['Asia/Kolkata', 'Sat Nov 21 13:50:52 IST 2026'],
    ['Asia/Shanghai', 'Sat Nov 21 16:20:52 CST 2026'],
    ['Australia/Sydney', 'Sat Nov 21 19:20:52 AEDT 2026'],
    ['America/Sao_Paulo', 'Sat Nov 21 05:20:52 BRT 2026'],
  ])('%s', (zone, text) => {
    expect(javaDate(1_795_249_252_999n, zone)).toBe(text);
  });

  it('knows the beginning, summer, rare zones and what is no time', () => {
    expect(javaDate(0n, 'UTC')).toBe('Thu Jan 01 00:00:00 UTC 1970');
    expect(javaDate(1_783_000_000_123n, 'Europe/Berlin')).toBe('Thu Jul 02 15:46:40 CEST 2026');
    expect(javaDate(0n, 'Asia/Tashkent')).toBe('Thu Jan 01 06:00:00 GMT+6 1970');
    expect(javaDate(2n ** 63n - 1n, 'UTC')).toBe('9223372036854775807 ms');
  });
});

describe('a Stat', () => {
  const stat = {
    czxid: 0x10000000an,
    mzxid: 255n,
    ctime: 0n,
    mtime: 0n,
    version: 1,
    cversion: -1,
    aversion: 2,
    ephemeralOwner: -(2n ** 63n),
    dataLength: 3,
    numChildren: 4,
    pzxid: 0n,
  };

  it('is eleven lines', () => {
    const date = javaDate(0n);
    expect(statLines(stat)).toEqual([
      'cZxid = 0x10000000a',
      `ctime = ${date}`,
      'mZxid = 0xff',
      `mtime = ${date}`,
      'pZxid = 0x0',
      'cversion = -1',
      'dataVersion = 1',
      'aclVersion = 2',
      'ephemeralOwner = 0x8000000000000000',
      'dataLength = 3',
      'numChildren = 4',
    ]);
  });

  it('has its longs as strings in JSON', () => {
    expect(statJson(stat)).toEqual({
      ...stat,
      czxid: '4294967306',
      mzxid: '255',
      ctime: '0',
      mtime: '0',
      ephemeralOwner: '-9223372036854775808',
      pzxid: '0',
    });
  });
});

describe('node data', () => {
  it('are text, or base64 where they are none', () => {
    expect(dataText(Buffer.from('größe'))).toBe('größe');
    expect(dataText(null)).toBe('null');
    expect(dataJson(Buffer.from('größe'))).toEqual({ data: 'größe', encoding: 'utf8' });
    expect(dataJson(Buffer.from('x'), true)).toEqual({ data: 'eA==', encoding: 'base64' });
    expect(dataJson(Buffer.from([0xff, 0x00]))).toEqual({ data: '/wA=', encoding: 'base64' });
    expect(dataJson(null)).toEqual({ data: null });
  });

  it('are a table with -x', () => {
    // Printed by the client of 3.9.5.
    expect(hexDump(Buffer.from('hello \x7f world 0123456789'))).toBe(
      `         +-------------------------------------------------+
         |  0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f |
+--------+-------------------------------------------------+----------------+
|00000000| 68 65 6c 6c 6f 20 7f 20 77 6f 72 6c 64 20 30 31 |hello . world 01|
|00000010| 32 33 34 35 36 37 38 39                         |23456789        |
+--------+-------------------------------------------------+----------------+`,
    );
    expect(hexDump(Buffer.alloc(0))).toBe('');
  });
});

describe('checkedPath', () => {
  it.each([
    ['', 'Path length must be > 0'],
    ['a', 'Path must start with / character'],
    ['/a/', 'Path must not end with / character'],
    ['/a//b', 'Invalid path string "/a//b" caused by empty node name specified @3'],
    ['/a/./b', 'Invalid path string "/a/./b" caused by relative paths not allowed @3'],
    ['/a/..', 'Invalid path string "/a/.." caused by relative paths not allowed @4'],
    ['/a\0', 'Invalid path string "/a\0" caused by null character not allowed @2'],
    ['/\x7fa', 'Invalid path string "/\x7fa" caused by invalid character @1'],
    ['/a\u{1f600}', 'Invalid path string "/a\u{1f600}" caused by invalid character @2'],
  ])('refuses %j in the words of Java', (path, message) => {
    expect(() => checkedPath(path)).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT', path, message }),
    );
  });

  it('lets a sequential path end with a slash', () => {
    expect(checkedPath('/a/', true)).toBe('/a/');
    expect(checkedPath('/a.b/...')).toBe('/a.b/...');
  });
});

describe('ACLs', () => {
  it('are read, with complaints about what is none', () => {
    const complaints: string[] = [];
    const acl = parseAcl('world:anyone:cdrwa,x,digest:bob:h=:rq,,', (line) =>
      complaints.push(line),
    );
    expect(acl).toEqual([
      { id: { scheme: 'world', id: 'anyone' }, perms: 31 },
      { id: { scheme: 'digest', id: 'bob:h=' }, perms: 1 },
    ]);
    expect(complaints).toEqual(['x does not have the form scheme:id:perm', 'Unknown perm type: q']);
    expect(parseAcl('', () => {})).toEqual([]);
  });

  it('are printed', () => {
    expect(permsText(31)).toBe('cdrwa');
    expect(permsText(1 | 16)).toBe('ra');
    expect(idText({ scheme: 'x509', id: 'CN=a,O=b%\n' })).toBe("'x509,'CN=a%2CO=b%25%0A");
  });
});

describe('QuotaTrack', () => {
  it('is written as servers do', () => {
    expect(`${QuotaTrack.unlimited()}`).toBe(
      'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=-1',
    );
    expect(`${QuotaTrack.of({ count: 0n, bytes: 0n })}`).toBe('count=0,bytes=0');
  });

  it('reads what anybody wrote', () => {
    const track = QuotaTrack.parse('count=5,bytes=7=;byteHardLimit=;odd=x;countHardLimit=9');
    expect(
      ['count', 'bytes', 'byteHardLimit', 'countHardLimit', 'none'].map((name) => track.get(name)),
    ).toEqual([5n, 7n, -1n, 9n, -1n]);
    track.set('count', 2n);
    expect(`${track}`).toBe('count=2,bytes=7=;byteHardLimit=-1;countHardLimit=9;odd=-1');
    expect(JSON.stringify(QuotaTrack.parse('count=1'))).toBe('{"count":"1"}');
  });
});

describe('numbers', () => {
  it('are those that Java reads', () => {
    expect(['1', '-1', '+7', '9223372036854775807'].map(parseLong)).toEqual([
      1n,
      -1n,
      7n,
      2n ** 63n - 1n,
    ]);
    expect(['', 'x', '1.5', '0x1', '9223372036854775808'].map(parseLong)).toEqual(
      Array(5).fill(null),
    );
    expect([parseInt32('2147483647'), parseInt32('2147483648')]).toEqual([2_147_483_647, null]);
  });
});

describe('clientAddresses', () => {
  it('are those behind the semicolons', () => {
    const text =
      'server.1=a:1:2:participant;0.0.0.0:2181\nserver.2=[::1]:1:2;2182\nserver.3=c:1:2\nversion=1a';
    expect(clientAddresses(text)).toBe('1a 0.0.0.0:2181,[::1]:2182');
    expect(clientAddresses('')).toBe(' ');
  });
});
