import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { serveCommand } from '../../../src/cli/serve.ts';
import { SERVER_OPTION_NAMES } from '../../../src/server/config/resolve-options.ts';
import { FOUR_LETTER_WORDS } from '../../../src/server/words/word-names.ts';
import { ROOT } from '../package/run-node.ts';
import { DocPackage, docBlocks } from './doc-blocks.ts';

const DOCUMENT = 'docs/server.md';
const text = readFileSync(join(ROOT, DOCUMENT), 'utf8');
const blocks = docBlocks(DOCUMENT);
const user = new DocPackage();

afterAll(() => user.remove());

/** First cells of the table of a section. */
function firstCells(section: string): string[] {
  const [, body = ''] = text.split(`\n## ${section}\n`);
  const [table = ''] = body.split('\n## ');
  return [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell = '']) => cell);
}

describe('docs/server.md', () => {
  it('names every option once', () => {
    const named = firstCells('Options');
    expect([...named].sort()).toEqual([...SERVER_OPTION_NAMES].sort());
  });

  it('names every four-letter word, in order', () => {
    expect(firstCells('Four-letter words')).toEqual([...FOUR_LETTER_WORDS]);
  });

  it('names options of the command that there are', () => {
    const named = [...text.matchAll(/(--[a-z][a-z-]+)/g)].map(([, option = '']) => option);
    expect(named.length).toBeGreaterThan(3);
    for (const option of named) expect(serveCommand.usage).toContain(option);
  });

  it('has blocks that compile, and print what stands below them', async () => {
    expect(user.compile(blocks)).toBe('');
    expect(blocks).toHaveLength(3);
    for (const [index, { output }] of blocks.entries()) {
      expect(await user.run(index, { connectString: '127.0.0.1:2181' })).toEqual(output);
    }
  });
});
