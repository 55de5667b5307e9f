import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../package/run-node.ts';

/** Documents of the project: what git knows, or would take. */
const documents = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'],
  { cwd: ROOT, encoding: 'utf8' },
)
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(ROOT, file)));

/** Without blocks of code, in which brackets are no links, and headings no headings. */
function prose(document: string): string {
  return readFileSync(join(ROOT, document), 'utf8').replace(/^(`{3,}).*\n[\s\S]*?^\1$/gm, '');
}

/** Targets of links and images. */
function targets(document: string): string[] {
  const withoutCode = prose(document).replace(/`[^`\n]*`/g, '');
  return [...withoutCode.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** Anchors of the headings of a document, as GitHub makes them. */
function anchors(document: string): Set<string> {
  const found = new Set<string>();
  for (const [, heading = ''] of prose(document).matchAll(/^#{1,6} (.*)$/gm)) {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = words.replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-');
    let unique = anchor;
    for (let count = 1; found.has(unique); count++) unique = `${anchor}-${count}`;
    found.add(unique);
  }
  return found;
}

/** Why a link of a document leads nowhere; null when it leads somewhere, or out of the project. */
function fault(document: string, target: string): string | null {
  if (/^[a-z]+:/.test(target)) return null;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? document : join(dirname(document), path);
  if (!existsSync(join(ROOT, file))) return `${target}: no such file`;
  if (anchor === undefined || statSync(join(ROOT, file)).isDirectory()) return null;
  return anchors(file).has(anchor) ? null : `${target}: no such heading`;
}

describe('links', () => {
  it.each(documents)('of %s lead somewhere', (document) => {
    expect(targets(document).flatMap((target) => fault(document, target) ?? [])).toEqual([]);
  });

  it('are found', () => {
    expect(documents.length).toBeGreaterThan(15);
    expect(targets('README.md').length).toBeGreaterThan(10);
    expect(fault('README.md', 'docs/nothing.md')).toBe('docs/nothing.md: no such file');
    expect(fault('README.md', 'docs/errors.md#nothing')).toContain('no such heading');
    expect(fault('docs/errors.md', '#what-servers-answer')).toBeNull();
  });

  it('lead to every page of docs from its index', () => {
    const linked = targets('docs/README.md').map((target) => `docs/${target.split('#')[0]}`);
    const pages = documents.filter((file) => /^docs\/[^/]+\.md$/.test(file));
    expect(pages.filter((page) => page !== 'docs/README.md' && !linked.includes(page))).toEqual([]);
  });
});
