import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allCases, peerOf } from '../../../bench/cases.ts';
import { PEER_NAMES, PEERS_FOLDER } from '../../../bench/peers.ts';
import { REPOSITORY, readManifest } from '../../../bench/repository.ts';
import { runCommand } from '../../../bench/run-command.ts';

describe('peers', () => {
  it('are pinned, and their lock file holds no download addresses', () => {
    const { dependencies } = readManifest(join(PEERS_FOLDER, 'package.json'));
    expect(Object.keys(dependencies ?? {}).sort()).toEqual([...PEER_NAMES].sort());
    for (const folder of ['bench/peers', 'bench/profile', 'test/peers/ava']) {
      const root = join(REPOSITORY, folder);
      const pinned = Object.values(readManifest(join(root, 'package.json')).dependencies ?? {});
      for (const version of pinned) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved"');
    }
  });

  it('are each needed by their own cases only', () => {
    const peersOf = (pattern: RegExp): unknown[] => [
      ...new Set(
        allCases()
          .filter(({ name }) => pattern.test(name))
          .map(peerOf),
      ),
    ];
    expect(peersOf(/raw-|zkwire|^memory|\/(java|c|go)$/)).toEqual([null]);
    expect(peersOf(/node-zookeeper-client$/)).toEqual(['node-zookeeper-client']);
    expect(peersOf(/\/zookeeper(-native|-by-name)?$/)).toEqual(['zookeeper']);
  });
});

describe('runCommand', () => {
  const options = { cwd: REPOSITORY, timeoutMs: 20_000 };
  const node = (script: string): Promise<string | null> =>
    runCommand(process.execPath, ['-e', script], options);

  it('gives null when the command succeeds', async () => {
    expect(await node('console.log(1)')).toBeNull();
  });

  it('gives the lines that tell why it failed', async () => {
    const script = `console.log('npm error code 1'); console.log('make: g++: not found');
      console.log('some more'); process.exit(3)`;
    expect(await node(script)).toMatch(/ended with 3: make: g\+\+: not found$/);
  });

  it('gives the last lines when none tells, and the exit code', async () => {
    const reason = await node("console.log('one'); console.log('two'); process.exit(3)");
    expect(reason).toMatch(/ended with 3: one \| two$/);
  });

  it('says when a command cannot be started or takes too long', async () => {
    expect(await runCommand('no-such-command-here', [], options)).toMatch(/could not be started/);
    const slow = ['-e', 'setInterval(() => {}, 1000)'];
    expect(await runCommand(process.execPath, slow, { ...options, timeoutMs: 300 })).toMatch(
      /ended with SIGKILL/,
    );
  });
});
