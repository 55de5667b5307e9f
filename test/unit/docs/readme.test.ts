import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../../tools/zookeeper/index.ts';
import { describeReal } from '../../real/support/real-zookeeper.ts';
import { ROOT, runNode } from '../package/run-node.ts';

const text = readFileSync(join(ROOT, 'README.md'), 'utf8');
const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] as string);

/** What a block may use without declaring it: a reader knows it from the block before. */
const CONTEXT = `
import type { ZooKeeperClient } from 'zkwire';
declare global {
  const zk: ZooKeeperClient;
}
`;

const OPTIONS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  target: 'es2023',
  lib: ['es2023', 'esnext.disposable'],
  module: 'nodenext',
  types: ['node'],
};

/** A package of somebody who uses what \`dist\` holds. */
let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'zkwire-readme-'));
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(ROOT, join(directory, 'node_modules', 'zkwire'));
  symlinkSync(join(ROOT, 'node_modules', '@types'), join(directory, 'node_modules', '@types'));
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: 'module' }));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('README.md', () => {
  it('has blocks of code', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(4);
  });

  it('has blocks that compile, each on its own', () => {
    writeFileSync(join(directory, 'context.d.ts'), CONTEXT);
    blocks.forEach((block, index) => {
      writeFileSync(join(directory, `block-${index}.ts`), `${block}\nexport {};\n`);
    });
    const config = { compilerOptions: OPTIONS, include: ['*.ts'] };
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config));
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const compile = (): string => {
      try {
        return execFileSync(process.execPath, [compiler, '-p', directory, '--pretty', 'false'], {
          encoding: 'utf8',
        });
      } catch (error) {
        return (error as { stdout: string }).stdout;
      }
    };
    expect(compile()).toBe('');
  });
});

describeReal('the first block of README.md', () => {
  it('prints on a fresh server what its comments say', async () => {
    const block = blocks[0] as string;
    const comments = [...block.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(
      (match) => match[1],
    );
    expect(comments.length).toBeGreaterThan(0);
    await using server = await startServer({ fastStart: true });
    expect(block).toContain("'127.0.0.1:2181'");
    const script = block.replace('127.0.0.1:2181', server.connectString);
    writeFileSync(join(directory, 'first.mjs'), script);
    expect(await runNode(['first.mjs'], directory)).toEqual(comments);
  });
});
