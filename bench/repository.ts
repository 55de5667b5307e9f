import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds zkwire's package.json: this file runs from bench/ (tests) and from build/bench/. */
export const REPOSITORY = findRepository(dirname(fileURLToPath(import.meta.url)));

function findRepository(folder: string): string {
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest) && readManifest(manifest).name === 'zkwire') return folder;
  const parent = dirname(folder);
  if (parent === folder)
    throw new Error('the package.json of zkwire is in no folder above this file');
  return findRepository(parent);
}

export interface Manifest {
  name: string;
  version: string;
  dependencies?: Record<string, string>;
}

export function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}
