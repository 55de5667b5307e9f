import { describe, expect, it } from 'vitest';
import { ConnectError } from '../../../src/errors.ts';
import { parseConnectString } from '../../../src/session/connect-string.ts';
import { cpuMs } from '../../property/cpu-time.ts';

function failure(text: string): ConnectError {
  try {
    parseConnectString(text);
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectError);
    return error as ConnectError;
  }
  return expect.unreachable(`${text} was understood`);
}

describe('parseConnectString', () => {
  it.each([
    ['localhost', [['localhost', 2181]]],
    ['127.0.0.1:2182', [['127.0.0.1', 2182]]],
    [
      'zk1.example.com:1,zk_2',
      [
        ['zk1.example.com', 1],
        ['zk_2', 2181],
      ],
    ],
    [
      ' a:65535 , b:1 ',
      [
        ['a', 65_535],
        ['b', 1],
      ],
    ],
    ['a:2181/', [['a', 2181]]],
    ['[::1]', [['::1', 2181]]],
    [
      '[::1]:2183,a',
      [
        ['::1', 2183],
        ['a', 2181],
      ],
    ],
    ['::1', [['::1', 2181]]],
    ['2001:db8::17', [['2001:db8::17', 2181]]],
    ['[fe80::1%eth0]:9', [['fe80::1%eth0', 9]]],
    ['[::ffff:1.2.3.4]:9', [['::ffff:1.2.3.4', 9]]],
    ['a:02181', [['a', 2181]]],
  ] as [string, [string, number][]][])('%s', (text, endpoints) => {
    const servers = endpoints.map(([host, port]) => ({ host, port }));
    expect(parseConnectString(text)).toEqual({ servers, chroot: '' });
  });

  it.each([
    ['', '""'],
    [',', '""'],
    ['a,,b', '""'],
    ['a:1,', '""'],
    [':2181', '":2181"'],
    ['a:', '"a:"'],
    ['a:0', 'port 0 of "a:0"'],
    ['a:65536', 'port 65536 of "a:65536"'],
    ['a:123456', '"a:123456"'],
    ['a:b', '"a:b"'],
    ['a:1:2', '"a:1:2"'],
    ['a b', '"a b"'],
    ['[::1', '"[::1"'],
    ['[]', '"[]"'],
    ['[abc]:1', '"[abc]:1"'],
    ['[127.0.0.1]:1', '"[127.0.0.1]:1"'],
    ['[::1]x', '"[::1]x"'],
    ['x[::1]', '"x[::1]"'],
    ['good:1,bad:x,good:2', '"bad:x"'],
    ['a\u0000b', '"a\\u0000b"'],
    ['/app', '""'],
    ['tcp://a:2181', '"tcp:"'],
    ['a,/app', '""'],
  ])('names what is wrong in %j', (text, part) => {
    const error = failure(text);
    expect(error.code).toBe('BAD_CONNECT_STRING');
    expect(error.message).toContain(part);
  });

  it.each([
    ['a', ''],
    ['a/', ''],
    ['a:1,b:2/app', '/app'],
    ['[::1]:9/a/b', '/a/b'],
    ['::1/a', '/a'],
    ['a/b,c:d', '/b,c:d'],
    ['a/ÄÖ ü/.x..', '/ÄÖ ü/.x..'],
    ['a/zookeeper', '/zookeeper'],
  ])('finds the chroot of %j', (text, chroot) => {
    expect(parseConnectString(text).chroot).toBe(chroot);
  });

  it.each([
    ['a//', '"//": a path must not end with /'],
    ['a/app/', '"/app/": a path must not end with /'],
    ['a//app', '"//app": an empty node name at character 1'],
    ['a/x/../y', '"/x/../y": a relative node name (. or ..) before character 5'],
    ['a/.', '"/.": a relative node name'],
    ['a/app\n', '"/app\\n": character U+000A at 4 is not allowed'],
  ])('checks the chroot of %j as any path', (text, fault) => {
    const error = failure(text);
    expect(error.code).toBe('BAD_CONNECT_STRING');
    expect(error.message).toContain(`connect string: chroot ${fault}`);
  });

  it('counts a server once that is named twice, in whatever spelling', () => {
    const { servers } = parseConnectString(
      'b,A:2181,b:2182,a,::1,[::1]:2181,FE80::1,fe80::1,b:02181',
    );
    expect(servers).toEqual([
      { host: 'b', port: 2181 },
      { host: 'A', port: 2181 },
      { host: 'b', port: 2182 },
      { host: '::1', port: 2181 },
      { host: 'FE80::1', port: 2181 },
    ]);
  });

  it('takes 255 servers and no more', () => {
    const names = Array.from({ length: 256 }, (_, index) => `zk${index}`);
    expect(parseConnectString([...names.slice(1), 'zk1'].join()).servers).toHaveLength(255);
    expect(failure(names.join()).message).toContain('256 servers, more than 255');
  });

  it('refuses what is no string or far too long', () => {
    expect(failure(undefined as unknown as string).message).toContain('not undefined');
    expect(failure('a'.repeat(16_385)).message).toContain('longer than 16384 characters');
    expect(parseConnectString('a'.repeat(16_384)).servers).toHaveLength(1);
  });

  it('takes no time for what looks like an address and is none', () => {
    const tookMs = cpuMs(() => {
      failure(`${':'.repeat(16_000)}x`);
      failure(`${'1:'.repeat(8_000)}x`);
    });
    expect(tookMs).toBeLessThan(200);
  });
});
