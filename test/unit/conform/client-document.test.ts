import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CLIENT_CHECKS, runClientChecks } from '../../../src/conform/index.ts';
import { DocPackage, docBlocks } from '../docs/doc-blocks.ts';

const DOCUMENT = 'docs/conformance.md';
const text = readFileSync(new URL(`../../../${DOCUMENT}`, import.meta.url), 'utf8');

/** First cells of the table below a heading. */
function firstCells(heading: string): string[] {
  const table = new RegExp(`## ${heading}\n[\\s\\S]*?\n((?:\\|.*\n)+)`).exec(text)?.[1] ?? '';
  const lines = table.split('\n').slice(2, -1);
  return lines.map((line) => line.split('|')[1]?.trim() ?? '');
}

describe('docs/conformance.md, of clients', () => {
  const user = new DocPackage();
  afterAll(() => user.remove());

  it('has every area, and no other', () => {
    const areas = [...new Set(CLIENT_CHECKS.map(({ id }) => `\`${id.split('/')[0]}\``))];
    expect(firstCells('What is judged').sort()).toEqual(areas.sort());
  });

  it('has a script that does what it says', async () => {
    const blocks = docBlocks(DOCUMENT);
    const index = blocks.findIndex(({ code }) => code.includes('playScript'));
    expect(user.compile(blocks.slice(index, index + 1))).toBe('');
    const printed = await user.run(0, { connectString: '127.0.0.1:1' });
    expect(printed).toEqual(blocks[index]?.output);
  });

  it('has a driver that passes what it has commands for', async () => {
    const code = /^```js\n(.*?)^```$/ms.exec(text)?.[1] ?? '';
    expect(code.split('\n').length).toBeLessThan(50);
    const driver = join(user.directory, 'driver.js');
    writeFileSync(driver, code);
    const report = await runClientChecks({
      command: [process.execPath, driver, '{connect}'],
      checks: CLIENT_CHECKS.filter(({ id }) =>
        /^(request\/(get|set|delete|create)|watch\/data)/.test(id),
      ),
      timeoutMs: 20_000,
    });
    const failed = report.results.filter(({ outcome }) => outcome === 'fail');
    expect(failed.map(({ check, failure }) => [check.id, failure])).toEqual([]);
    const passed = report.results.filter(({ outcome }) => outcome === 'pass');
    expect(passed.map(({ check }) => check.id)).toEqual([
      'request/delete',
      'request/delete-any',
      'request/get',
      'request/get-watch',
      'request/set',
      'request/set-any',
      'request/set-null-data',
      'watch/data-changed',
      'watch/data-deleted',
    ]);
    const excused = report.results.filter(({ outcome }) => outcome === 'excused');
    expect(new Set(excused.map(({ reason }) => reason))).toEqual(
      new Set(['create', 'getacl', 'setacl'].map((name) => `the driver does not know '${name}'`)),
    );
  });
});
