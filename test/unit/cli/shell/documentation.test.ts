import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SHELL_COMMANDS } from '../../../../src/cli/shell/command-table.ts';
import { DIFFERENCES } from '../../../real/support/zkcli-differences.ts';

const text = readFileSync(new URL('../../../../docs/shell.md', import.meta.url), 'utf8');

/** First and second cells of the rows of a section. */
function rows(section: string): [string, string][] {
  const [, body = ''] = text.split(`## ${section}\n`);
  const lines = body.split('\n## ')[0]!.split('\n');
  const cells = lines.filter((line) => line.startsWith('| `')).map((line) => line.split(' | '));
  return cells.map(([first = '', second = '']) => [first.slice(2), second.replace(/ \|$/, '')]);
}

describe('docs/shell.md', () => {
  it('has every command, as the help has it', () => {
    const sorted = [...SHELL_COMMANDS].sort((one, other) => (one.name < other.name ? -1 : 1));
    const expected = sorted.map(({ name, syntax, summary }) => [
      `\`${`${name} ${syntax}`.trimEnd().replaceAll('|', '\\|')}\``,
      summary,
    ]);
    expect(rows('Commands')).toEqual(expected);
  });

  it('has every difference that the comparison with zkCli.sh allows, and no other', () => {
    const names = rows('Differences from zkCli.sh').map(([name]) => name);
    expect(names).toEqual(DIFFERENCES.map(({ name }) => `\`${name}\``));
  });

  it('has every command of zkCli.sh', () => {
    // Printed by the usage of 3.8.0.
    const known =
      'addWatch addauth close config connect create delete deleteall delquota get getAcl getAllChildrenNumber getEphemerals history listquota ls printwatches quit reconfig redo removewatches set setAcl setquota stat sync version whoami';
    const names = SHELL_COMMANDS.map(({ name }) => name).sort();
    expect(names).toEqual([...known.split(' '), 'help'].sort());
  });
});
