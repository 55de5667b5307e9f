import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServerOptions, ZooKeeperInstallation } from '../../../../tools/zookeeper/index.ts';
import { writeServerFiles } from '../../../../tools/zookeeper/server-config.ts';

const installation: ZooKeeperInstallation = {
  source: 'debian',
  directory: '/jars',
  version: '3.8.0',
  classPath: ['/jars/zookeeper.jar'],
  java: '/bin/java',
};

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'zkwire-config-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

const jaas = (): string => join(directory, 'server.jaas');

/** The command that runs the server, and the lines of `zoo.cfg`. */
function write(options: ServerOptions): { command: string[]; lines: string[] } {
  const spec = { installation, options, directory, port: 2181, tlsLines: [], ensembleLines: [] };
  const command = writeServerFiles(spec);
  return { command, lines: readFileSync(join(directory, 'zoo.cfg'), 'utf8').trimEnd().split('\n') };
}

/** Lines that an option adds to those of a server without options. */
function linesOf(options: ServerOptions): string[] {
  const without = new Set(write({}).lines);
  return write(options).lines.filter((line) => !without.has(line));
}

const PROVIDER = 'authProvider.sasl=org.apache.zookeeper.server.auth.SASLAuthenticationProvider';

describe('files of a server', () => {
  it.each<[ServerOptions, string[]]>([
    [{ enforceQuota: true }, ['enforceQuota=true']],
    [{ reconfigEnabled: true }, ['reconfigEnabled=true']],
    [{ localSessions: true }, ['localSessionsEnabled=true', 'localSessionsUpgradingEnabled=true']],
    [
      { enforceAuthSchemes: ['sasl', 'x509'] },
      ['enforce.auth.enabled=true', 'enforce.auth.schemes=sasl,x509'],
    ],
    [{ sasl: { users: {} } }, [PROVIDER]],
    [{ sasl: { users: {}, login: 'required' } }, [PROVIDER, 'sessionRequireClientSASLAuth=true']],
    [{ sasl: { users: {}, login: 'forgiving' } }, [PROVIDER, 'allowSaslFailedClients=true']],
    [{ enforceQuota: true, configLines: ['a=b'] }, ['enforceQuota=true', 'a=b']],
  ])('have for %j the lines %j', (options, lines) => {
    expect(linesOf(options)).toEqual(lines);
  });

  it('have the users of SASL where only their owner reads them', () => {
    const users = { bob: 'p w', 'jürgen.x-1': 'a"b\\c$d' };
    const { command } = write({ sasl: { users }, jvmFlags: ['-Dlast=1'] });
    expect(command[1]).toBe(`-Djava.security.auth.login.config=${jaas()}`);
    expect(command).toContain('-Dlast=1');
    expect(statSync(jaas()).mode & 0o777).toBe(0o600);
    expect(readFileSync(jaas(), 'utf8')).toBe(
      'Server { org.apache.zookeeper.server.auth.DigestLoginModule required ' +
        'user_bob="p w" user_jürgen.x-1="a\\"b\\\\c$d"; };\n',
    );
    expect(command.join(' ')).not.toContain('p w');
  });

  it.each([
    [{ 'a b': 'x' }, 'cannot hold the user "a b"'],
    [{ '': 'x' }, 'cannot hold the user ""'],
    [{ '1a': 'x' }, 'cannot hold the user "1a"'],
    [{ bob: 'canary\n' }, "cannot hold bob's password"],
    [{ bob: '$\u007bcanary}' }, "cannot hold bob's password"],
  ])('refuse %j', (users, message) => {
    const sasl = { users: users as Record<string, string> };
    expect(() => write({ sasl })).toThrow(message);
    expect(() => write({ sasl })).not.toThrow('canary');
  });
});
