import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { saslConfigLines, saslJvmFlags } from './sasl-files.ts';
import type { ServerInstallation } from './server-installation.ts';
import type { ServerOptions } from './server-options.ts';

/** Everything that fixes one server's configuration. */
export interface ServerSpec {
  readonly installation: ServerInstallation;
  readonly options: ServerOptions;
  /** Holds configuration, log and, unless the options say otherwise, data. */
  readonly directory: string;
  readonly port: number;
  readonly securePort?: number;
  /** `zoo.cfg` lines for the TLS port. */
  readonly tlsLines: readonly string[];
  /** Number of this server in its ensemble. */
  readonly myId?: number;
  /** `server.N=` and quorum lines. */
  readonly ensembleLines: readonly string[];
}

/** The data directory of a server: the caller's own or one that goes with the server. */
export function dataDirOf(spec: ServerSpec): string {
  return resolve(spec.options.dataDir ?? join(spec.directory, 'data'));
}

/** Writes `zoo.cfg`, logging set-up and `myid`, and gives the command that runs the server. */
export function writeServerFiles(spec: ServerSpec): [program: string, ...args: string[]] {
  const dataDir = dataDirOf(spec);
  const tempDir = join(spec.directory, 'tmp');
  for (const directory of [dataDir, tempDir]) mkdirSync(directory, { recursive: true });
  if (spec.myId !== undefined) writeFileSync(join(dataDir, 'myid'), `${spec.myId}\n`);
  const level = spec.options.logLevel ?? 'INFO';
  writeFileSync(join(spec.directory, 'log4j.properties'), log4jProperties(level));
  writeFileSync(join(spec.directory, 'logback.xml'), logbackXml(level));
  const config = join(spec.directory, 'zoo.cfg');
  writeFileSync(config, `${configLines(spec).join('\n')}\n`);
  const { installation, options, directory } = spec;
  const { sasl } = options;
  const saslFlags = sasl === undefined ? [] : saslJvmFlags(sasl, directory);
  const flags = [...saslFlags, ...jvmFlags(options, tempDir)];
  if (installation.source === 'embedded') {
    // Of what a JVM is told only the system properties mean something to it.
    const properties = flags.filter((flag) => flag.startsWith('-D'));
    return [process.execPath, installation.main, 'serve', config, ...properties];
  }
  const classPath = [directory, ...installation.classPath].join(delimiter);
  const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
  return [installation.java, ...flags, '-cp', classPath, main, config];
}

/** The id under which scheme `digest` knows a user: `user:base64(sha1(user:password))`. */
export function digestId(user: string, password: string): string {
  return `${user}:${createHash('sha1').update(`${user}:${password}`).digest('base64')}`;
}

function configLines(spec: ServerSpec): string[] {
  const { options } = spec;
  const words = options.fourLetterWords;
  const lines = [
    `tickTime=${options.tickTimeMs ?? 2_000}`,
    `dataDir=${dataDirOf(spec)}`,
    `clientPort=${spec.port}`,
    'clientPortAddress=127.0.0.1',
    'admin.enableServer=false',
    // The default of 60 connections from one address is less than load drivers open.
    'maxClientCnxns=0',
    `4lw.commands.whitelist=${words ? [...new Set(['srvr', 'conf', ...words])].join(',') : '*'}`,
  ];
  if (options.minSessionTimeoutMs !== undefined) {
    lines.push(`minSessionTimeout=${options.minSessionTimeoutMs}`);
  }
  if (options.maxSessionTimeoutMs !== undefined) {
    lines.push(`maxSessionTimeout=${options.maxSessionTimeoutMs}`);
  }
  if (options.sasl !== undefined) lines.push(...saslConfigLines(options.sasl));
  if (options.enforceAuthSchemes !== undefined) {
    const schemes = options.enforceAuthSchemes.join(',');
    lines.push('enforce.auth.enabled=true', `enforce.auth.schemes=${schemes}`);
  }
  if (options.enforceQuota) lines.push('enforceQuota=true');
  if (options.reconfigEnabled) lines.push('reconfigEnabled=true');
  if (options.localSessions) {
    lines.push('localSessionsEnabled=true', 'localSessionsUpgradingEnabled=true');
  }
  return [...lines, ...spec.tlsLines, ...spec.ensembleLines, ...(options.configLines ?? [])];
}

function jvmFlags(options: ServerOptions, tempDir: string): string[] {
  const flags = [
    `-Xmx${options.heapMiB ?? 256}m`,
    // Without these two a server that is killed leaves files in the system's temporary directory.
    '-XX:-UsePerfData',
    `-Djava.io.tmpdir=${tempDir}`,
    '-Dzookeeper.jmx.log4j.disable=true',
  ];
  if (options.fastStart) flags.push('-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC');
  if (options.extendedTypesEnabled) flags.push('-Dzookeeper.extendedTypesEnabled=true');
  // This one really has no "zookeeper." in front.
  if (options.readOnlyMode) flags.push('-Dreadonlymode.enabled=true');
  if (options.maxBufferBytes !== undefined)
    flags.push(`-Djute.maxbuffer=${options.maxBufferBytes}`);
  if (options.superDigest !== undefined) {
    flags.push(`-Dzookeeper.DigestAuthenticationProvider.superDigest=${options.superDigest}`);
  }
  return [...flags, ...(options.jvmFlags ?? [])];
}

// Debian's package and releases before 3.8 log through log4j 1.2, later releases through logback.
function log4jProperties(level: string): string {
  return [
    `log4j.rootLogger=${level}, CONSOLE`,
    'log4j.appender.CONSOLE=org.apache.log4j.ConsoleAppender',
    'log4j.appender.CONSOLE.layout=org.apache.log4j.PatternLayout',
    'log4j.appender.CONSOLE.layout.ConversionPattern=%d{ISO8601} %-5p %c{1} %m%n',
    '',
  ].join('\n');
}

function logbackXml(level: string): string {
  return [
    '<configuration>',
    '  <appender name="CONSOLE" class="ch.qos.logback.core.ConsoleAppender">',
    '    <encoder><pattern>%d{ISO8601} %-5p %c{0} %m%n</pattern></encoder>',
    '  </appender>',
    `  <root level="${level}"><appender-ref ref="CONSOLE" /></root>`,
    '</configuration>',
    '',
  ].join('\n');
}
