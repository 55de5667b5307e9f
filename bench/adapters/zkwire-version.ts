import { join } from 'node:path';
import { REPOSITORY, readManifest } from '../repository.ts';

export const zkwireVersion: string = readManifest(join(REPOSITORY, 'package.json')).version;
