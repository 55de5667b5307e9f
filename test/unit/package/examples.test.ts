import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, runNode } from './run-node.ts';

const examples = readdirSync(join(ROOT, 'examples')).filter((name) => name.endsWith('.mjs'));

describe('examples', () => {
  it.each(examples)('%s imports published entry points and Node.js only', (name) => {
    const text = readFileSync(join(ROOT, 'examples', name), 'utf8');
    const imported = [...text.matchAll(/from '([^']+)'/g)].map((match) => match[1]);
    expect(imported.length).toBeGreaterThan(0);
    for (const specifier of imported)
      expect(specifier).toMatch(/^(zkwire(\/[a-z]+)?|node:[a-z_/]+)$/);
  });

  it('are all listed in examples/README.md', () => {
    const text = readFileSync(join(ROOT, 'examples/README.md'), 'utf8');
    const listed = [...text.matchAll(/^\| \[([\w.-]+)\]/gm)].map((match) => match[1]);
    expect(listed.sort()).toEqual([...examples].sort());
  });

  it('first-steps.mjs makes, reads, watches and fails', async () => {
    expect(await runNode(['examples/first-steps.mjs'], ROOT)).toEqual([
      'data: hello, version 0',
      'event: NodeDataChanged /first-0000000000',
      'event: NodeCreated /first-0000000000/child',
      'children: child',
      'event: Ended /first-0000000000',
      'BADVERSION, rejected: somebody was faster',
    ]);
  });

  it('decode-a-capture.mjs shows every frame of a recorded session', async () => {
    const lines = await runNode(['examples/decode-a-capture.mjs'], ROOT);
    expect(lines[0]).toMatch(/^c0 > connect /);
    expect(lines.some((line) => /^c0 > #\d+ create path=/.test(line))).toBe(true);
    expect(lines.some((line) => /^ +\d+ create$/.test(line))).toBe(true);
    expect(lines.join('\n')).not.toContain('undecodable');
  });
});
