import { expect, it } from 'vitest';
import { recordingsSource } from './recordings-source.ts';

it('ships recordings as they are in the fixtures', async () => {
  await expect(recordingsSource()).toMatchFileSnapshot('../../src/conform/recordings.gen.ts');
});
