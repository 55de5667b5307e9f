import { describe, expect, it } from 'vitest';
import { NUMBER_OPTIONS, OPTION_RANGES } from '../../../../src/server/config/option-ranges.ts';
import {
  resolveOptions,
  SERVER_OPTION_NAMES,
} from '../../../../src/server/config/resolve-options.ts';
import { systemClock } from '../../../../src/server/config/server-clock.ts';
import type { ServerOptions } from '../../../../src/server/config/server-options.ts';

function refusal(options: object): string {
  try {
    resolveOptions(options as ServerOptions);
  } catch (error) {
    expect(error).toMatchObject({ name: 'ZkwireError', code: 'BAD_ARGUMENT' });
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

describe('resolveOptions', () => {
  it('fills in the defaults of ZooKeeper', () => {
    expect(resolveOptions()).toEqual({
      port: undefined,
      host: '127.0.0.1',
      securePort: undefined,
      secureHost: '127.0.0.1',
      tls: undefined,
      listenBacklog: undefined,
      dataDir: undefined,
      dataLogDir: undefined,
      fsync: false,
      snapCount: 100_000,
      snapRetainCount: 3,
      purgeIntervalMs: 0,
      tickTimeMs: 2_000,
      minSessionTimeoutMs: 4_000,
      maxSessionTimeoutMs: 40_000,
      sessionlessTimeoutMs: 10_000,
      serverId: 1,
      maxClientConnections: 60,
      maxConnections: 0,
      juteMaxBufferBytes: 1_048_575,
      globalOutstandingLimit: 1_000,
      release: '3.8',
      readOnly: false,
      extendedTypesEnabled: true,
      enforceQuota: false,
      reconfigEnabled: false,
      containerCheckIntervalMs: 60_000,
      containerMaxPerMinute: 10_000,
      containerMaxNeverUsedIntervalMs: 0,
      skipAcl: false,
      superDigest: undefined,
      saslSuperUser: undefined,
      x509SuperUser: undefined,
      digestAlgorithm: 'sha1',
      enforcedAuthSchemes: new Set(),
      sasl: undefined,
      fourLetterWords: new Set(['srvr']),
      onDamagedLog: 'refuse',
      onNotice: undefined,
      clock: systemClock,
      random: Math.random,
    });
  });

  it('leaves every option as it is given', () => {
    const given: Required<Omit<ServerOptions, 'sasl' | 'fourLetterWords' | 'digestAlgorithm'>> = {
      port: 0,
      host: '::1',
      securePort: 2281,
      secureHost: 'localhost',
      tls: { key: 'k', cert: 'c' },
      listenBacklog: 10,
      dataDir: '/data',
      dataLogDir: '/log',
      fsync: false,
      snapCount: 5,
      snapRetainCount: 4,
      purgeIntervalMs: 1,
      tickTimeMs: 100,
      minSessionTimeoutMs: 7,
      maxSessionTimeoutMs: 7,
      sessionlessTimeoutMs: 8,
      serverId: 254,
      maxClientConnections: 0,
      maxConnections: 3,
      juteMaxBufferBytes: 4_194_304,
      globalOutstandingLimit: 9,
      release: '3.9',
      readOnly: true,
      extendedTypesEnabled: false,
      enforceQuota: true,
      reconfigEnabled: true,
      containerCheckIntervalMs: 11,
      containerMaxPerMinute: 12,
      containerMaxNeverUsedIntervalMs: 13,
      skipAcl: true,
      superDigest: 'super:abc=',
      saslSuperUser: 'bob',
      x509SuperUser: 'CN=bob',
      enforcedAuthSchemes: ['digest'],
      onDamagedLog: 'truncate',
      onNotice: () => undefined,
      clock: { ...systemClock },
      random: () => 0.5,
    };
    const { enforcedAuthSchemes, ...others } = given;
    expect(resolveOptions(given)).toMatchObject(others);
    expect(resolveOptions(given).enforcedAuthSchemes).toEqual(new Set(enforcedAuthSchemes));
  });

  it('knows the names of all options', () => {
    for (const name of Object.keys(resolveOptions())) expect(SERVER_OPTION_NAMES).toContain(name);
    expect(refusal({ colour: 'red' })).toBe("there is no server option 'colour'.");
    expect(refusal({ dataDirs: '/x' })).toBe(
      "there is no server option 'dataDirs'. Did you mean 'dataDir'?",
    );
  });

  it('makes two ticks and twenty of a tick', () => {
    const resolved = resolveOptions({ tickTimeMs: 50 });
    expect([resolved.minSessionTimeoutMs, resolved.maxSessionTimeoutMs]).toEqual([100, 1_000]);
    expect(refusal({ tickTimeMs: 50, minSessionTimeoutMs: 1_001 })).toMatch(
      /^minSessionTimeoutMs, 1001, must not be above maxSessionTimeoutMs, 1000/,
    );
  });

  it('syncs to disk where there is one, unless told not to', () => {
    expect(resolveOptions({ dataDir: 'x' })).toMatchObject({
      fsync: true,
      dataDir: `${process.cwd()}/x`,
      dataLogDir: `${process.cwd()}/x`,
    });
    expect(resolveOptions({ dataDir: 'x', fsync: false }).fsync).toBe(false);
    expect(resolveOptions({ fsync: true }).fsync).toBe(false);
  });

  it('listens everywhere for *', () => {
    expect(resolveOptions({ host: '*' })).toMatchObject({ host: undefined, secureHost: undefined });
    expect(resolveOptions({ host: '*', secureHost: '::1' }).secureHost).toBe('::1');
  });

  it.each(NUMBER_OPTIONS)('refuses a %s out of range', (name) => {
    const [min, max] = OPTION_RANGES[name];
    for (const value of [min - 1, max + 1, min + 0.5, Number.NaN, '5', null]) {
      const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
      expect(refusal({ [name]: value })).toBe(
        `${name} must be a whole number of ${min} to ${max}, not ${shown}`,
      );
    }
  });

  it.each([
    [{ fsync: 'no' }, 'fsync must be true or false, not "no"'],
    [{ skipAcl: 1 }, 'skipAcl must be true or false, not 1'],
    [{ host: '' }, 'host must be text that is not empty, not ""'],
    [{ dataDir: 'a\0b' }, 'dataDir must be text that is not empty, not "a\\u0000b"'],
    [{ dataDir: 5 }, 'dataDir must be text that is not empty, not 5'],
    [{ release: '3.7' }, 'release must be one of 3.8, 3.9, not "3.7"'],
    [{ onDamagedLog: 'x' }, 'onDamagedLog must be one of refuse, truncate, not "x"'],
    [{ onNotice: 'x' }, 'onNotice must be a function, not "x"'],
    [{ random: 4 }, 'random must be a function, not 4'],
    [{ securePort: 1 }, 'securePort needs tls: at least key and cert'],
    [{ tls: {} }, 'tls needs securePort: the port on which TLS is spoken'],
    [{ dataLogDir: '/x' }, 'dataLogDir needs dataDir: the log is of no use without its snapshots'],
    [{ enforcedAuthSchemes: [''] }, 'enforcedAuthSchemes must be text that is not empty, not ""'],
    [
      { enforcedAuthSchemes: 'sasl' },
      /^enforcedAuthSchemes must be a list such as .*, not "sasl"$/,
    ],
    [{ sasl: {} }, 'sasl.users must be an object: passwords by user name'],
    [{ sasl: { users: {}, required: 1 } }, 'sasl.required must be true or false, not 1'],
    [
      { sasl: { users: {}, allowFailedClients: 'x' } },
      'sasl.allowFailedClients must be true or false, not "x"',
    ],
    [
      { fourLetterWords: 'srvr' },
      /^fourLetterWords must be '\*' or a list such as .*, not "srvr"$/,
    ],
    [{ fourLetterWords: ['quit'] }, /^fourLetterWords must be one of conf, .*, \*, not "quit"$/],
    [
      { digestAlgorithm: 'ROT13' },
      /^digestAlgorithm must be one that this Node.js has .* 'ROT13'$/,
    ],
    [{ release: 'x'.repeat(500) }, /not "x{76}\.\.\.$/],
  ])('refuses %j', (options, message) => {
    expect(refusal(options)).toMatch(message);
  });

  it('keeps secrets out of its refusals', () => {
    expect(refusal({ superDigest: 'secret' })).not.toContain('secret');
    expect(refusal({ sasl: { users: { bob: ['secret'] } } })).toBe(
      'sasl.users.bob must be a password, which is text',
    );
  });

  it.each([
    ['SHA1', 'sha1'],
    ['SHA-1', 'sha1'],
    ['SHA-256', 'sha256'],
    ['SHA512', 'sha512'],
    ['SHA3-256', 'sha3-256'],
    ['MD5', 'md5'],
  ])('knows %s as %s', (java, node) => {
    expect(resolveOptions({ digestAlgorithm: java }).digestAlgorithm).toBe(node);
  });

  it('requires SASL as one of the schemes that are enforced', () => {
    const users = { bob: 'b', ['__proto__']: 'p' };
    const { sasl, enforcedAuthSchemes } = resolveOptions({
      sasl: { users, required: true },
      enforcedAuthSchemes: ['digest'],
    });
    expect(sasl).toEqual({
      users: new Map([
        ['bob', 'b'],
        ['__proto__', 'p'],
      ]),
      allowFailedClients: false,
    });
    expect(enforcedAuthSchemes).toEqual(new Set(['digest', 'sasl']));
  });

  it('answers srvr always, isro when read-only, all for *', () => {
    const words = (options: ServerOptions) => [...resolveOptions(options).fourLetterWords].sort();
    expect(words({ fourLetterWords: ['ruok'] })).toEqual(['ruok', 'srvr']);
    expect(words({ readOnly: true })).toEqual(['isro', 'srvr']);
    expect(words({ fourLetterWords: '*' })).toHaveLength(18);
    expect(words({ fourLetterWords: ['*'] as never })).toHaveLength(18);
  });

  it.each([2181, '127.0.0.1:2181', null])('are an object, not %s', (options) => {
    expect(() => resolveOptions(options as never)).toThrow(
      expect.objectContaining({
        code: 'BAD_ARGUMENT',
        message: expect.stringContaining(`such as { port: 2181 }, not ${options}`),
      }),
    );
  });
});
