import type { ACL, ZooKeeperClient } from '../../client/index.ts';
import { idText, parseAcl, permsText } from './acl-text.ts';
import type { CommandCall, SessionCommand } from './command-definition.ts';
import { checkedPath } from './node-path.ts';
import { versionOf } from './numbers.ts';
import { failureOf, keeperMessage, refusal, ShellFailure } from './shell-failure.ts';
import { statJson, statLines } from './stat-text.ts';
import { pathsBelow } from './subtree.ts';

const getAcl: SessionCommand = {
  name: 'getAcl',
  needs: 'session',
  syntax: '[-s] path',
  summary: 'print who may do what with a node',
  options: [{ name: 's', summary: 'its Stat too' }],
  operandsMin: 1,
  async run({ operands, options, output, limits }, zk) {
    const path = checkedPath(operands[0]!);
    const { acl, stat } = await zk.getAcl(path, limits);
    const lines = acl.flatMap(({ id, perms }) => [idText(id), `: ${permsText(perms)}`]);
    const entries = acl.map(({ id, perms }) => ({ ...id, perms: permsText(perms) }));
    if (options.has('s')) lines.push(...statLines(stat));
    output.result(lines, { path, acl: entries, stat: statJson(stat) });
  },
};

const setAcl: SessionCommand = {
  name: 'setAcl',
  needs: 'session',
  syntax: '[-s] [-v version] [-R] path acl',
  summary: 'set who may do what with a node: scheme:id:perms, by commas',
  options: [
    { name: 's', summary: 'print its new Stat' },
    { name: 'v', value: 'version', summary: 'only when its ACL has this version' },
    { name: 'R', summary: 'that of all nodes below it too' },
  ],
  operandsMin: 2,
  async run(call, zk) {
    const { operands, options, output, limits } = call;
    const [given = '', text = ''] = operands;
    const acl = parseAcl(text, (line) => output.note(line));
    const aversion = versionOf(options);
    const path = checkedPath(given);
    if (acl.length === 0) throw refusal('INVALIDACL', null);
    if (options.has('R')) return await setAclBelow(call, zk, path, acl, aversion);
    const stat = await zk.setAcl(path, acl, { aversion, ...limits });
    output.result(options.has('s') ? statLines(stat) : [], { path, stat: statJson(stat) });
  },
};

/** Goes on over nodes that refuse, and tells of each. */
async function setAclBelow(
  { output, limits }: CommandCall,
  zk: ZooKeeperClient,
  root: string,
  acl: readonly ACL[],
  aversion: number,
): Promise<void> {
  let refused = 0;
  const setOne = async (path: string): Promise<void> => {
    try {
      const stat = await zk.setAcl(path, acl, { aversion, ...limits });
      output.result([], { path, stat: statJson(stat) });
    } catch (error) {
      const failure = failureOf(error);
      if (failure.serverCode === null) throw error;
      refused++;
      const { code, serverCode } = failure;
      output.failure(new ShellFailure(code, keeperMessage(code, path), { path, serverCode }));
    }
  };
  await zk.get(root, limits);
  await setOne(root);
  for await (const paths of pathsBelow(zk, root, limits)) {
    for (const path of paths) await setOne(path);
    await output.room();
  }
  if (refused > 0) throw new ShellFailure('FAILED', `the ACL of ${refused} node(s) was not set`);
}

const addAuth: SessionCommand = {
  name: 'addauth',
  needs: 'session',
  syntax: 'scheme auth',
  summary: 'add an identity to the session, as: addauth digest user:password',
  options: [],
  operandsMin: 1,
  async run({ operands, output }, zk) {
    const [scheme = '', auth = ''] = operands;
    await zk.addAuth({ scheme, auth });
    output.result([], { scheme });
  },
};

const whoAmI: SessionCommand = {
  name: 'whoami',
  needs: 'session',
  syntax: '',
  summary: 'print by what identities the server knows the session',
  options: [],
  operandsMin: 0,
  async run({ output, limits }, zk) {
    const identities = await zk.whoAmI(limits);
    const lines = identities.map(({ scheme, user }) => `${scheme}: ${user}`);
    output.result(['Auth scheme: User', ...lines], { identities });
  },
};

/** Commands about permissions and identities. */
export const ACL_COMMANDS: readonly SessionCommand[] = [getAcl, setAcl, addAuth, whoAmI];
