import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vitest/config';
import { MUTANTS } from './mutants.ts';

const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));

/** Name of the mutant that the tests shall run with. */
const CHOSEN = 'ZKWIRE_MUTANT';

/**
 * Changes one place of the source as it is loaded, when the environment names a mutant. Without
 * one there is no plugin at all.
 */
export function mutantPlugin(): Plugin[] {
  const name = process.env[CHOSEN];
  if (name === undefined) return [];
  const mutant = MUTANTS.find((each) => each.name === name);
  if (mutant === undefined) throw new Error(`${CHOSEN}: there is no mutant ${name}`);
  const path = `${ROOT}${mutant.file}`;
  return [
    {
      name: 'zkwire-mutant',
      enforce: 'pre',
      transform(code: string, id: string): string | null {
        if (id.split('?')[0] !== path) return null;
        if (code.split(mutant.find).length !== 2) {
          throw new Error(`${name}: ${mutant.file} does not have the text to change once`);
        }
        return code.replace(mutant.find, () => mutant.replace);
      },
    },
  ];
}
