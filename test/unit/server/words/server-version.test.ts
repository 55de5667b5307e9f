import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fullVersion } from '../../../../src/server/words/server-version.ts';
import { ROOT } from '../../package/run-node.ts';

it('names the release that the server behaves like, and the version of the package', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
  };
  expect(fullVersion('3.8')).toMatch(/^3\.8\.0-zkwire-.*, built on \d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
  expect(fullVersion('3.9').split(',')[0]).toBe(`3.9.5-zkwire-${version}`);
});
