import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, runNode } from './run-node.ts';

interface Manifest {
  readonly exports: Record<string, string | { readonly types: string; readonly default: string }>;
  readonly bin: Record<string, string>;
  readonly dependencies?: Record<string, string>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
const subpaths = Object.keys(manifest.exports);

/** A value that each entry point exports. */
const A_NAME_OF: Record<string, string> = {
  '.': 'connect',
  './errors': 'RequestError',
  './limits': 'SLAB_BYTES',
  './codec': 'JuteReader',
  './transport': 'dial',
  './pipeline': 'Pipeline',
  './session': 'Connection',
  './server': 'createServer',
  './conform': 'runServerChecks',
  './recipes': 'register',
};

/** The package as it is published (what `dist` holds now), unpacked where a consumer would have it. */
describe('the packed package', () => {
  let directory = '';
  let installed = '';

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'zkwire-pack-'));
    installed = join(directory, 'node_modules', 'zkwire');
    const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', directory];
    pack.push('--cache', join(directory, 'npm-cache'));
    const tarball = execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8' }).trim();
    mkdirSync(installed, { recursive: true });
    execFileSync('tar', [
      '-xzf',
      join(directory, tarball),
      '-C',
      installed,
      '--strip-components=1',
    ]);
    writeFileSync(join(directory, 'package.json'), '{}');
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const specifier = (subpath: string): string => join('zkwire', subpath);

  it('has no run-time dependencies and knows an export of every entry point', () => {
    expect(manifest.dependencies).toBeUndefined();
    expect(Object.keys(A_NAME_OF)).toEqual(subpaths.filter((path) => path !== './package.json'));
  });

  it('holds every file that its exports and bin name, types too', () => {
    const named = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : [entry.types, entry.default],
    );
    const missing = [...named, ...Object.values(manifest.bin)].filter(
      (file) => !existsSync(join(installed, file)),
    );
    expect(missing).toEqual([]);
  });

  it('holds nothing that belongs to the workshop', () => {
    const list = execFileSync('find', ['.', '-type', 'f'], { cwd: installed, encoding: 'utf8' });
    const odd = list
      .split('\n')
      .filter((file) => /\.(test\.ts|tsbuildinfo)$|^\.\/(test|bench|tools)\//.test(file));
    expect(odd).toEqual([]);
  });

  it.each(Object.entries(A_NAME_OF))('%s can be required from CommonJS', async (subpath, name) => {
    const code = `console.log(typeof require('${specifier(subpath)}').${name})`;
    const [type] = await runNode(['-e', code], directory);
    expect(type).toMatch(/^(function|number)$/);
  });

  it.each(Object.entries(A_NAME_OF))('%s can be imported', async (subpath, name) => {
    const code = `import { ${name} } from '${specifier(subpath)}'; console.log(typeof ${name})`;
    const [type] = await runNode(['--input-type=module', '-e', code], directory);
    expect(type).toMatch(/^(function|number)$/);
  });

  it('shares its classes between entry points and between both module systems', async () => {
    const code = `
      const { RequestError } = require('zkwire');
      console.log(RequestError === require('zkwire/errors').RequestError);
      import('zkwire').then((zkwire) => console.log(zkwire.RequestError === RequestError));`;
    expect(await runNode(['-e', code], directory)).toEqual(['true', 'true']);
  });

  it('keeps everything else to itself', async () => {
    const code = `
      try { require('zkwire/dist/client/client.js') } catch (error) { console.log(error.code) }
      console.log(require('zkwire/package.json').name)`;
    expect(await runNode(['-e', code], directory)).toEqual([
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
      'zkwire',
    ]);
  });

  it('gives each worker of a cluster a server of its own, at a port of its own', async () => {
    const code = `
      const cluster = require('node:cluster');
      const { createServer } = require('zkwire/server');
      if (cluster.isPrimary) {
        const ports = [1, 2].map(() => new Promise((resolve) => cluster.fork().once('message', resolve)));
        Promise.all(ports).then(([one, other]) => {
          console.log(one > 0 && other > 0 && one !== other);
          process.exit();
        });
      } else {
        createServer({ port: 0 }).then((server) => process.send(server.port));
      }`;
    const program = join(directory, 'workers.cjs');
    writeFileSync(program, code);
    expect(await runNode([program], directory)).toEqual(['true']);
  });

  it('has a command that runs', async () => {
    const help = await runNode([join(installed, manifest.bin.zkwire!), '--help'], directory);
    expect(help.join('\n')).toMatch(/decode[\s\S]*record|record[\s\S]*decode/);
  });

  it('connects from CommonJS, and fails as it says', async () => {
    const code = `
      const { connect } = require('zkwire');
      connect('127.0.0.1:1').catch((error) => console.log(error.code));`;
    expect(await runNode(['-e', code], directory)).toEqual(['CONNECT_FAILED']);
  });
});
