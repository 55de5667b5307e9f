import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSystemProperties, readZooCfg } from '../../../../src/server/config/zoo-cfg.ts';

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'zkwire-cfg-'));
});

afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

/** What `QuorumPeerConfig` of 3.8.0 gives for an empty line, as far as it is not the default of the option. */
const AS_ZOOKEEPER = {
  host: '*',
  secureHost: '*',
  tickTimeMs: 3_000,
  extendedTypesEnabled: false,
};

describe('readZooCfg', () => {
  it('reads the example of ZooKeeper', () => {
    const { options, notes } = readZooCfg(`# The number of milliseconds of each tick
tickTime=2000
initLimit=10
syncLimit=5
dataDir=/tmp/zookeeper
clientPort=2181
#maxClientCnxns=60
`);
    expect(options).toEqual({
      ...AS_ZOOKEEPER,
      tickTimeMs: 2_000,
      dataDir: '/tmp/zookeeper',
      port: 2181,
    });
    expect(notes).toEqual([]);
  });

  it('knows every setting that a client can notice', () => {
    const { options, notes } = readZooCfg(`
clientPort=2182
clientPortAddress=127.0.0.1
clientPortListenBacklog=50
dataDir=/d
dataLogDir : /l
tickTime 100
minSessionTimeout=150
maxSessionTimeout=5000
maxClientCnxns=0
autopurge.snapRetainCount=5
autopurge.purgeInterval=24
reconfigEnabled=TRUE
snapCount=1000
globalOutstandingLimit=5
maxCnxns=7
nio.sessionlessCnxnTimeout=300
extendedTypesEnabled=true
enforceQuota=true
skipACL=yes
forceSync=no
DigestAuthenticationProvider.superDigest=super:abc\\=
DigestAuthenticationProvider.digestAlg=SHA-256
4lw.commands.whitelist=stat, ruok,isro
enforce.auth.enabled=true
enforce.auth.schemes=sasl, digest
`);
    expect(notes).toEqual([]);
    expect(options).toEqual({
      port: 2182,
      host: '127.0.0.1',
      secureHost: '*',
      listenBacklog: 50,
      dataDir: '/d',
      dataLogDir: '/l',
      tickTimeMs: 100,
      minSessionTimeoutMs: 150,
      maxSessionTimeoutMs: 5_000,
      maxClientConnections: 0,
      snapRetainCount: 5,
      purgeIntervalMs: 86_400_000,
      reconfigEnabled: true,
      snapCount: 1_000,
      globalOutstandingLimit: 5,
      maxConnections: 7,
      sessionlessTimeoutMs: 300,
      extendedTypesEnabled: true,
      enforceQuota: true,
      skipAcl: true,
      fsync: false,
      superDigest: 'super:abc=',
      digestAlgorithm: 'SHA-256',
      fourLetterWords: ['stat', 'ruok', 'isro'],
      enforcedAuthSchemes: ['sasl', 'digest'],
    });
  });

  it('takes the words by which ZooKeeper says: not set', () => {
    const text =
      'clientPort=0\nminSessionTimeout=-1\nmaxSessionTimeout=-1\nclientPortListenBacklog=-1';
    expect(readZooCfg(text).options).toEqual(AS_ZOOKEEPER);
  });

  it('takes the last of several lines', () => {
    expect(readZooCfg('tickTime=1\ntickTime=x\ntickTime=3').options.tickTimeMs).toBe(3);
  });

  it.each([
    ['forceSync=yes', { fsync: true }],
    ['forceSync=whatever', { fsync: true }],
    ['skipACL=true', { skipAcl: false }],
    ['enforce.auth.enabled=false\nenforce.auth.schemes=sasl', {}],
    ['4lw.commands.whitelist=', {}],
    ['nio.numWorkerThreads=4', {}],
  ])('takes %j for what ZooKeeper takes it for', (text, options) => {
    expect(readZooCfg(text)).toEqual({ options: { ...AS_ZOOKEEPER, ...options }, notes: [] });
  });

  it('answers all words for *', () => {
    expect(readZooCfg('4lw.commands.whitelist=srvr,*').options.fourLetterWords).toBe('*');
  });

  it('says what it does not know, and where', () => {
    const { notes } = readZooCfg(
      'datadir=/x\n\nzookeeper.snapCount=9\n4lw.commands.whitelist=abcd',
      {
        'zookeeper.nonsense': '1',
      },
    );
    expect(notes).toEqual([
      "line 3: ZooKeeper would not see zookeeper.snapCount: it puts 'zookeeper.' in front of what it does not know. In this file it is written snapCount",
      "line 4: there is no four-letter word 'abcd'",
      '-D: zookeeper.nonsense is not understood',
      'line 1: datadir is not understood',
    ]);
  });

  it('takes what ZooKeeper reads from its command line only, and says so', () => {
    const { options, notes } = readZooCfg(
      'jute.maxbuffer=0x400000\nznode.container.maxPerMinute=5',
    );
    expect(options).toMatchObject({ juteMaxBufferBytes: 4_194_304, containerMaxPerMinute: 5 });
    expect(notes).toEqual([
      'line 1: ZooKeeper takes jute.maxbuffer from the command line only, as -Djute.maxbuffer=',
      'line 2: ZooKeeper takes znode.container.maxPerMinute from the command line only, as -Dznode.container.maxPerMinute=',
    ]);
  });

  it('says that it is one node when the file names an ensemble', () => {
    const { notes } = readZooCfg(
      'server.1=a:2888:3888\nserver.2=b:2888:3888\nserver.3=c:2888:3888',
    );
    expect(notes).toEqual([
      expect.stringMatching(
        /^line 1: server\.1, server\.2, server\.3: this is one node, and no member of an ensemble/,
      ),
    ]);
    expect(readZooCfg('server.1=localhost:2888:3888').notes).toEqual([]);
  });

  it.each([
    ['dynamicConfigFile=/x', 'there is no ensemble here whose members it could name'],
    ['observerMasterPort=2191', 'this is one node: observers cannot follow it'],
    ['group.1=1:2', 'this is one node: there is no quorum'],
    ['metricsProvider.className=x', 'metrics are answered to the word mntr only'],
    ['DigestAuthenticationProvider.enabled=false', 'the scheme digest cannot be switched off'],
    ['authProvider.1=a.b.KerberosThing', undefined],
  ])('notes that %s does not hold', (line, reason) => {
    const { notes } = readZooCfg(line);
    expect(notes).toHaveLength(1);
    if (reason !== undefined) expect(notes[0]).toBe(`line 1: ${line.split('=')[0]}: ${reason}`);
  });

  it('is silent about what no client of one node can notice', () => {
    const text = [
      'initLimit=10',
      'syncLimit=5',
      'peerType=participant',
      'standaloneEnabled=true',
      'admin.serverPort=8080',
      'admin.enableServer=false',
      'quorum.auth.enableSasl=true',
      'ssl.quorum.keyStore.location=/x',
      'localSessionsEnabled=true',
      'preAllocSize=64',
      'jvm.pause.monitor=true',
      'authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider',
      'ssl.keyStore.location=/nowhere.jks',
    ];
    const { notes } = readZooCfg(text.join('\n'), {
      'file.encoding': 'UTF-8',
      'readonlymode.enabled': 'true',
      'zookeeper.log.dir': '/log',
      'zookeeper.root.logger': 'INFO',
      'log4j.configuration': 'file:/x',
      'java.awt.headless': 'true',
    });
    expect(notes).toEqual([]);
  });

  it('takes readonlymode.enabled for what it does to one node: isro is answered', () => {
    const { options } = readZooCfg('', { 'readonlymode.enabled': 'true' });
    expect(options).toEqual({ ...AS_ZOOKEEPER, fourLetterWords: ['isro'] });
  });

  it('counts what is too low as ZooKeeper does', () => {
    const { options, notes } = readZooCfg(
      'autopurge.snapRetainCount=1\nsnapCount=1\nenforceQuota=yes',
    );
    expect(options).toMatchObject({ snapRetainCount: 3, snapCount: 2, enforceQuota: false });
    expect(notes).toEqual([
      'line 1: autopurge.snapRetainCount 1 counts as 3',
      'line 2: snapCount 1 counts as 2',
      'line 3: enforceQuota is neither true nor false, and counts as false',
    ]);
  });

  it.each([
    ['\ntickTime=abc', 'line 2: tickTime must be a whole number of 1 to 107374182, not "abc"'],
    ['clientPort=70000', 'line 1: clientPort must be a whole number of 0 to 65535, not "70000"'],
    ['maxClientCnxns=-5', 'line 1: maxClientCnxns must be a whole number of 0 to'],
    [
      'autopurge.purgeInterval=9999',
      'line 1: autopurge.purgeInterval must be a whole number of 0 to 596, not "9999"',
    ],
    ['dataDir=', 'line 1: dataDir has no value'],
    ['minSessionTimeout=9\nmaxSessionTimeout=8', 'minSessionTimeoutMs, 9, must not be above'],
    ['enforce.auth.enabled=true', 'line 1: enforce.auth.enabled needs enforce.auth.schemes'],
    ['secureClientPort=2281', 'secureClientPort needs ssl.keyStore.location'],
    ['a=\\u1', 'line 1: \\u must be followed by four hex digits'],
  ])('refuses %j', (text, message) => {
    expect(() => readZooCfg(text)).toThrow(message);
  });
});

describe('readSystemProperties', () => {
  it('says nothing of what is not named', () => {
    const { options, notes } = readSystemProperties({
      'jute.maxbuffer': '4194304',
      'zookeeper.extendedTypesEnabled': 'false',
    });
    expect(options).toEqual({ juteMaxBufferBytes: 4_194_304, extendedTypesEnabled: false });
    expect(notes).toEqual([]);
  });
});

describe('SASL of a zoo.cfg', () => {
  const JAAS = `Server { org.apache.zookeeper.server.auth.DigestLoginModule required
    debug="true" user_super="s" user_bob="b"; };
  Other { org.apache.zookeeper.server.auth.DigestLoginModule required user_eve="e"; };
  Kerberos { com.sun.security.auth.module.Krb5LoginModule required; };`;

  it('has the users of the JAAS file', () => {
    const login = { 'java.security.auth.login.config': file('jaas.conf', JAAS) };
    expect(readZooCfg('', login).options.sasl).toEqual({
      users: { super: 's', bob: 'b' },
      required: false,
      allowFailedClients: false,
    });
    const text =
      'sasl.serverconfig=Other\nsessionRequireClientSASLAuth=true\nallowSaslFailedClients=true';
    expect(readZooCfg(text, login).options.sasl).toEqual({
      users: { eve: 'e' },
      required: true,
      allowFailedClients: true,
    });
  });

  it('notes a login that is not DIGEST-MD5', () => {
    const { options, notes } = readZooCfg('sasl.serverconfig=Kerberos', {
      'java.security.auth.login.config': file('jaas.conf', JAAS),
    });
    expect(options.sasl).toBeUndefined();
    expect(notes[0]).toMatch(/Kerberos: SASL is DIGEST-MD5 only, not com\.sun\./);
  });

  it('has none without a section', () => {
    const empty = file('empty.conf', '');
    const { options } = readZooCfg('', { 'java.security.auth.login.config': empty });
    expect(options.sasl).toBeUndefined();
  });

  it('can be required of everybody where there is nobody', () => {
    expect(readZooCfg('sessionRequireClientSASLAuth=true').options.sasl).toEqual({
      users: {},
      required: true,
      allowFailedClients: false,
    });
  });

  it('says that the file cannot be read', () => {
    const login = { 'java.security.auth.login.config': join(directory, 'none') };
    expect(() => readZooCfg('', login)).toThrow(
      /^-D: java\.security\.auth\.login\.config: cannot read it: ENOENT/,
    );
  });
});

describe('TLS of a zoo.cfg', () => {
  const pem = () => file('server.pem', 'KEY AND CERT');
  const lines = (...more: string[]): string => ['secureClientPort=2281', ...more].join('\n');
  const tlsOf = (...more: string[]) => readZooCfg(lines(...more)).options.tls;

  it('has key, certificate and who is trusted from PEM files, and needs client certificates', () => {
    const { options, notes } = readZooCfg(
      lines(
        `ssl.keyStore.location=${pem()}`,
        'ssl.keyStore.password=pw',
        `ssl.trustStore.location=${file('ca.pem', 'CA')}`,
        'ssl.hostnameVerification=false',
      ),
    );
    expect(options).toMatchObject({ securePort: 2281, secureHost: '*' });
    expect(options.tls).toEqual({
      key: Buffer.from('KEY AND CERT'),
      cert: Buffer.from('KEY AND CERT'),
      passphrase: 'pw',
      ca: Buffer.from('CA'),
      requestCert: true,
      rejectUnauthorized: true,
    });
    expect(notes).toEqual([]);
  });

  it('reads PKCS12, and a password from a file', () => {
    const password = file('password', 'from file\n');
    const store = file('store.p12', 'P12');
    expect(
      tlsOf(
        `ssl.keyStore.location=${store}`,
        `ssl.keyStore.passwordPath=${password}`,
        'ssl.clientAuth=none',
        'ssl.enabledProtocols=TLSv1.2,TLSv1.3',
      ),
    ).toEqual({
      pfx: Buffer.from('P12'),
      passphrase: 'from file',
      requestCert: false,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
    });
  });

  it('asks for certificates and does without', () => {
    const { options, notes } = readZooCfg(
      lines(`ssl.keyStore.location=${pem()}`, 'ssl.clientAuth=want'),
    );
    expect(options.tls).toMatchObject({ requestCert: true, rejectUnauthorized: false });
    expect(notes).toEqual([
      'ssl.trustStore.location is not set: certificates of clients are checked against those of Node.js',
    ]);
  });

  it.each([
    ['ssl.keyStore.location=/x/store.jks', /^line 2: .* must be a PEM file .* not JKS: Node\.js/],
    [
      'ssl.keyStore.location=/nowhere/x.pem',
      /^line 2: cannot read what ssl\.keyStore names: ENOENT/,
    ],
  ])('refuses %s', (line, message) => {
    expect(() => readZooCfg(lines(line))).toThrow(message);
  });

  it('refuses what it cannot use', () => {
    const key = `ssl.keyStore.location=${pem()}`;
    expect(() => tlsOf(key, 'ssl.clientAuth=maybe')).toThrow('line 3: ssl.clientAuth must be none');
    expect(() => tlsOf(key, 'ssl.enabledProtocols=SSLv3')).toThrow(/must name some of TLSv1,/);
    const trust = `ssl.trustStore.location=${file('trust.p12', 'P12')}`;
    expect(() => tlsOf(key, trust)).toThrow('ssl.trustStore.location must be a PEM file (.pem)');
  });
});
