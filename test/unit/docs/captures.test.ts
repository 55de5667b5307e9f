import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, it } from 'vitest';
import { createServer } from '../../../src/server/index.ts';
import { ROOT, runNode } from '../package/run-node.ts';
import { fencedBlocks, masked } from './doc-blocks.ts';

const MAIN = join(ROOT, 'dist/cli/main.js');
const directory = mkdtempSync(join(tmpdir(), 'zkwire-captures-'));

afterAll(() => rmSync(directory, { recursive: true }));

/** Commands of the page, by their second word. */
function commands(): Map<string, string> {
  const lines = fencedBlocks('docs/captures.md', 'sh').flatMap(({ code }) => code.split('\n'));
  const zkwire = lines.filter((line) => line.startsWith('zkwire '));
  return new Map(zkwire.map((line) => [line.split(' ')[1] ?? '', line.replace(/ &$/, '')]));
}

/** Without what differs from run to run. */
function still(lines: readonly string[]): string[] {
  return masked(lines).map((line) =>
    line.replace(/^ *\d+\.\d /, 'T ').replace(/in [\d.]+ s$/, 'in N s'),
  );
}

const outputs = fencedBlocks('docs/captures.md', 'sh').map(({ output }) => output);

it('the commands of docs/captures.md record, decode and replay as the page says', async () => {
  await using server = await createServer({ port: 0 });
  await using other = await createServer({ port: 0 });
  const ports = new Map([
    ['127.0.0.1:2181', server.connectString],
    ['127.0.0.1:2182', '127.0.0.1:0'],
    ['127.0.0.1:2183', other.connectString],
  ]);
  const args = (name: string): string[] => {
    const words = (commands().get(name) ?? '').split(' ').slice(1);
    return [MAIN, ...words.map((word) => ports.get(word) ?? word)];
  };

  const recorder = spawn(process.execPath, args('record'), { cwd: directory });
  const ended = once(recorder, 'exit');
  const [address] = await once(createInterface({ input: recorder.stdout }), 'line');
  ports.set('127.0.0.1:2182', String(address));
  expect(await runNode(args('shell'), directory)).toEqual(['Created /colour']);
  expect(await ended).toEqual([0, null]);

  const [, decoded = [], replayed = []] = outputs;
  expect(decoded).toHaveLength(6);
  expect(still(await runNode(args('decode'), directory))).toEqual(still(decoded));
  expect(still(await runNode(args('replay'), directory))).toEqual(still(replayed));
}, 300_000);
