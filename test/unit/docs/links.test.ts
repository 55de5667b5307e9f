import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../package/run-node.ts';

/** What is made or fetched, and is in no repository. */
const NOT_OURS = new Set(['node_modules', 'dist', 'build', 'coverage']);

/**
 * Documents of the project below a folder, without asking git: it is not on every machine, and answers nobody but
 * the owner of a clone.
 */
function documentsIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') || NOT_OURS.has(entry.name)) return [];
    if (entry.isDirectory()) return documentsIn(path);
    return path.endsWith('.md') ? [path] : [];
  });
}

const documents = documentsIn('').sort();

/** Without blocks of code, in which brackets are no links, and headings no headings. */
function prose(text: string): string {
  return text.replace(/^(`{3,}).*\n[\s\S]*?^\1$/gm, '');
}

function textOf(document: string): string {
  return readFileSync(join(ROOT, document), 'utf8');
}

/** Targets of links and images. */
function targets(document: string, text = textOf(document)): string[] {
  const withoutCode = prose(text).replace(/`[^`\n]*`/g, '');
  return [...withoutCode.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** Anchors of the headings of a document, as GitHub makes them. */
function anchors(document: string): Set<string> {
  const found = new Set<string>();
  for (const [, heading = ''] of prose(textOf(document)).matchAll(/^#{1,6} (.*)$/gm)) {
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

/** Links of these pages into the rest of the repository, which GitHub shows, and npm leads to. */
const INTO_REPOSITORY: Readonly<Record<string, RegExp>> = {
  'README.md': /^(?:bench\/.+|CONTRIBUTING\.md)$/,
};

/** What stands behind this on a page of the package is about the repository. */
const REPOSITORY_PART = 'In the repository, and not in the package:';

/** Files of the package, but for what is built. */
function packedFiles(): Set<string> {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'];
  const printed = execFileSync('npm', args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files = [] } = {}] = JSON.parse(printed) as { files?: { path: string }[] }[];
  return new Set(files.map(({ path }) => path));
}

/** Links of a page of the package to files that are not in it. */
function deadInPackage(document: string, packed: ReadonlySet<string>): string[] {
  const [own = ''] = textOf(document).split(REPOSITORY_PART);
  const files = targets(document, own).flatMap((target) => {
    const [path = ''] = target.split('#');
    return path === '' || /^[a-z]+:/.test(target) ? [] : join(dirname(document), path);
  });
  return files.filter((file) => !packed.has(file) && !INTO_REPOSITORY[document]?.test(file));
}

describe('links', () => {
  it('of the pages in the package lead to files of the package', () => {
    const packed = packedFiles();
    const pages = [...packed].filter((file) => file.endsWith('.md'));
    expect(pages).toContain('docs/watches.md');
    expect(pages.flatMap((page) => deadInPackage(page, packed).map((to) => [page, to]))).toEqual(
      [],
    );
    expect(deadInPackage('docs/behaviour.md', packed)).toContain('examples/ensemble/README.md');
  }, 120_000);

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
