import { readFile } from 'node:fs/promises';
import type { ReconfigChange } from '../../client/index.ts';
import { packageVersion } from '../package-version.ts';
import type { ControlCommand, SessionCommand } from './command-definition.ts';
import { dataText } from './node-data.ts';
import { refusal, ShellFailure, usageFailure } from './shell-failure.ts';
import { statJson, statLines } from './stat-text.ts';

const config: SessionCommand = {
  name: 'config',
  needs: 'session',
  syntax: '[-c] [-w] [-s]',
  summary: 'print the members of the ensemble',
  options: [
    { name: 'c', summary: 'only its version and the addresses for clients' },
    { name: 'w', summary: 'leave a watch: told once when it changes' },
    { name: 's', summary: 'the Stat too' },
  ],
  operandsMin: 0,
  async run({ options, output, limits }, zk, watches) {
    const watch = options.has('w') ? watches.data : undefined;
    const { data, stat } = await zk.getConfig({ ...limits, watch });
    const text = dataText(data);
    const more = options.has('s') ? statLines(stat) : [];
    output.result([options.has('c') ? clientAddresses(text) : text, ...more], {
      config: data === null ? null : text,
      clients: clientAddresses(text),
      stat: statJson(stat),
    });
  },
};

/** `0 host:port,host:port` of lines `server.1=host:2888:3888:participant;host:port` and `version=0`. */
export function clientAddresses(text: string): string {
  const addresses: string[] = [];
  let version = '';
  for (const line of text.split('\n')) {
    const [key = '', ...rest] = line.split('=');
    const value = rest.join('=').trim();
    if (key.trim() === 'version') version = value;
    if (!key.trim().startsWith('server.')) continue;
    const [quorum = '', client] = value.split(';');
    if (client === undefined) continue;
    // A port alone: on every address of the server.
    const isPort = /^\d+$/.test(client);
    addresses.push(isPort ? `${hostOf(quorum)}:${client}` : client);
  }
  return `${version} ${addresses.join(',')}`;
}

function hostOf(quorum: string): string {
  return /^(\[[^\]]*\]|[^:]*)/.exec(quorum)?.[0] ?? '';
}

const reconfig: SessionCommand = {
  name: 'reconfig',
  needs: 'session',
  syntax:
    '[-s] [-v version] [[-file path] | [-members serverID=host:port1:port2;port3[,...]*]] | [-add serverId=host:port1:port2;port3[,...]]* [-remove serverId[,...]*]',
  summary: 'change the members of the ensemble',
  options: [
    { name: 's', summary: 'print the Stat of the new configuration' },
    {
      name: 'v',
      value: 'version',
      summary: 'only when the configuration has this version, in hex',
    },
    { name: 'file', value: 'path', summary: 'all members, from a configuration file' },
    { name: 'members', value: 'list', summary: 'all members' },
    { name: 'add', value: 'list', summary: 'members to add' },
    { name: 'remove', value: 'list', summary: 'numbers of members to remove' },
  ],
  operandsMin: 0,
  async run({ options, output, limits }, zk) {
    const configId = configIdOf(options.get('v'));
    const change = await changeOf(options);
    const { data, stat } = await zk.reconfig(change, { configId, ...limits });
    const text = dataText(data);
    const more = options.has('s') ? statLines(stat) : [];
    output.result(['Committed new configuration:', text, ...more], {
      config: text,
      stat: statJson(stat),
    });
  },
};

function configIdOf(text: string | undefined): bigint {
  if (text === undefined) return -1n;
  if (/^[0-9a-f]{1,15}$/i.test(text)) return BigInt(`0x${text}`);
  throw malformed('-v must be followed by a long (configuration version)');
}

async function changeOf(options: ReadonlyMap<string, string>): Promise<ReconfigChange> {
  const names = ['file', 'members', 'add', 'remove'];
  const [file, members, add, remove] = names.map((name) => options.get(name));
  const isWhole = file !== undefined || members !== undefined;
  const isPart = add !== undefined || remove !== undefined;
  if (!isWhole && !isPart) throw usageFailure(reconfig);
  if (isWhole && isPart) {
    throw malformed(
      "Can't use -file or -members together with -add or -remove (mixing incremental and non-incremental modes is not allowed)",
    );
  }
  if (file !== undefined && members !== undefined) {
    throw malformed("Can't use -file and -members together (conflicting non-incremental modes)");
  }
  if (file !== undefined) return { newMembers: await membersOf(file) };
  if (members !== undefined) return { newMembers: listOf(members) };
  const joining = add === undefined ? undefined : listOf(add);
  if (remove === undefined) return { joining: joining as string[] };
  return { joining, leaving: listOf(remove).map(serverNumber) };
}

function listOf(text: string): string[] {
  return text.toLowerCase().split(',');
}

function serverNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw refusal('BADARGUMENTS', '');
  return Number(text);
}

/** Lines of the file that are about members; the others may stay in it. */
async function membersOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw malformed(`Error processing ${file}: ${error.message}`);
  });
  const lines = text.split('\n').map((line) => line.trim());
  const members = lines.filter((line) => /^(server|group|weight)\.\d+\s*=/.test(line));
  if (members.length === 0) throw malformed(`Error processing ${file}: it names no server`);
  return members.map((line) => line.replace(/\s*=\s*/, '='));
}

function malformed(message: string): ShellFailure {
  return new ShellFailure('USAGE', message);
}

/** Commands about the ensemble. */
export const ENSEMBLE_COMMANDS: readonly SessionCommand[] = [config, reconfig];

/** Whose shell this is. */
export const VERSION: ControlCommand = {
  name: 'version',
  needs: 'shell',
  syntax: '',
  summary: 'print the version of this shell',
  options: [],
  operandsMin: 0,
  operandsMax: 0,
  run({ output }) {
    const version = packageVersion();
    output.result([`zkwire shell version: ${version}`], { version });
  },
};
