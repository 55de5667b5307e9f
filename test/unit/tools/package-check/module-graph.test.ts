import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { ModuleGraph } from '../../../../tools/package-check/module-graph.ts';
import { entryFiles, manifestOf } from '../../../../tools/package-check/package-sizes.ts';
import { ROOT } from '../../package/run-node.ts';

const directory = mkdtempSync(join(tmpdir(), 'zkwire-graph-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Tells on standard output what is loaded. */
const HOOKS = `
export async function load(url, context, next) {
  if (url.startsWith('file:')) process._rawDebug(url);
  return next(url, context);
}`;

/** Files of the package that Node loads with one of them. */
function loadedByNode(file: string): string[] {
  writeFileSync(join(directory, 'hooks.mjs'), HOOKS);
  const hooks = pathToFileURL(join(directory, 'hooks.mjs')).href;
  const code = `
    import { register } from 'node:module';
    register(${JSON.stringify(hooks)});
    await import(${JSON.stringify(pathToFileURL(join(ROOT, file)).href)});`;
  const script = join(directory, 'load.mjs');
  writeFileSync(script, code);
  const list = join(directory, 'list.txt');
  execFileSync('sh', ['-c', '"$0" "$1" 2> "$2"', process.execPath, script, list]);
  return readFileSync(list, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(pathToFileURL(ROOT).href))
    .map((line) => relative(ROOT, fileURLToPath(line)))
    .sort();
}

describe('the modules of an entry point', () => {
  const graph = new ModuleGraph(ROOT);

  it.each([...entryFiles(manifestOf(ROOT))])('%s: are those that Node loads', (_, file) => {
    const { files } = graph.reach([file], false);
    expect([...files.keys()].sort()).toEqual(loadedByNode(file));
  });

  it('keep the layers: codec without sockets and timers, server without client', () => {
    const reach = (name: string) => graph.reach([entryFiles(manifestOf(ROOT)).get(name)!], true);
    expect(reach('zkwire/codec').foreign).toEqual([]);
    expect(reach('zkwire/transport').foreign).toEqual(['node:net', 'node:tls']);
    const ofServer = [...reach('zkwire/server').files.keys()];
    expect(ofServer.filter((file) => /^dist\/(client|session|pipeline)\//.test(file))).toEqual([]);
    const ofClient = [...reach('zkwire').files.keys()];
    expect(ofClient.filter((file) => /^dist\/(server|conform|cli)\//.test(file))).toEqual([]);
  });
});
