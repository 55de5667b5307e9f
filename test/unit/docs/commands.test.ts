import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/run-cli.ts';
import { ROOT } from '../package/run-node.ts';
import { fencedBlocks } from './doc-blocks.ts';

const pages = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
const documents = ['README.md', ...pages.map((name) => `docs/${name}`)];

/** Lines that call `zkwire`: the words behind it, without those of a program that it starts. */
function calls(document: string): string[][] {
  const lines = fencedBlocks(document, 'sh').flatMap(({ code }) => code.split('\n'));
  return lines.flatMap((line) => {
    const [, rest] = /^(?:npx )?zkwire (.*?)(?: +#.*| -- .*| [|<&].*)?$/.exec(line) ?? [];
    return rest === undefined ? [] : [rest.split(/\s+/)];
  });
}

/** What `zkwire help` says. */
async function help(command: string): Promise<string> {
  let text = '';
  const stream = {
    write: (part: string) => {
      text += part;
    },
  };
  expect(await runCli(['help', command], { stdout: stream, stderr: stream })).toBe(0);
  return text;
}

describe('calls of zkwire', () => {
  it.each(documents)('in %s have commands and options that there are', async (document) => {
    for (const [command = '', ...words] of calls(document)) {
      if (command === 'help') continue;
      const text = await help(command);
      for (const word of words) if (word.startsWith('--')) expect(text).toContain(word);
    }
  });

  it('are found', () => {
    expect(documents.flatMap(calls).length).toBeGreaterThan(20);
    expect(calls('README.md').map(([command]) => command)).toContain('replay');
  });

  it('name npm scripts that there are, elsewhere too', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const named = documents.flatMap((document) => {
      const text = readFileSync(join(ROOT, document), 'utf8');
      return [...text.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, name = '']) => name);
    });
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
