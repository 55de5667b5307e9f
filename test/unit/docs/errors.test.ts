import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  AUTH_ERROR_CODES,
  CONNECT_ERROR_CODES,
  LINK_ERROR_CODES,
  REQUEST_ERROR_CODES,
  SERVICE_ERROR_CODES,
  STORAGE_ERROR_CODES,
  WIRE_ERROR_CODES,
} from '../../../src/errors.ts';

const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

/** Rows of the table under `## title`. */
function rowsUnder(title: string): Record<string, string> {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
  const rows = section.matchAll(/^\| `([A-Z_]+)` \| (.*) \|$/gm);
  return Object.fromEntries([...rows].map((row) => [row[1], row[2]]));
}

describe('docs/errors.md', () => {
  it.each([
    ['RequestError', REQUEST_ERROR_CODES],
    ['ConnectError', CONNECT_ERROR_CODES],
    ['LinkError', LINK_ERROR_CODES],
    ['AuthError', AUTH_ERROR_CODES],
    ['WireError', WIRE_ERROR_CODES],
    ['StorageError', STORAGE_ERROR_CODES],
    ['ServiceError', SERVICE_ERROR_CODES],
  ])('lists every code of %s with its meaning', (title, codes) => {
    expect(rowsUnder(title)).toEqual(codes);
  });
});
