import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorsPage } from '../../../../tools/docs/errors-page.ts';
import { ROOT } from '../../package/run-node.ts';

const current = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');

describe('errorsPage', () => {
  it('makes the tables anew and keeps the prose', () => {
    const emptied = current.replace(/^\|.*\n/gm, '').replace('# Errors', '# Failures');
    expect(emptied).not.toContain('NONODE(');
    expect(errorsPage(emptied)).toBe(current.replace('# Errors', '# Failures'));
  });

  it('gives each code its meaning, outcome and advice', () => {
    const page = errorsPage(current);
    expect(page).toContain(
      '| `PIPELINE_FULL` | the limit of requests or bytes in flight is reached; await room() | `not-sent` | `await zk.room()`, then repeat it |',
    );
    expect(page).toContain(
      '| `BADVERSION` | -103 | the version does not match | somebody else wrote: read again, decide again |',
    );
    expect(page).toContain(
      '| `THROTTLEDOP` | -127 | not executed: the server is overloaded | repeat it after a pause; `retry` does |',
    );
    expect(page).toContain('| -9 | `INVALIDSTATE` | client libraries | ');
  });

  it('fails when a table has no place', () => {
    expect(() => errorsPage(current.replace('<!-- generated: LinkError -->', ''))).toThrow(
      'the document has no place for LinkError',
    );
  });
});
