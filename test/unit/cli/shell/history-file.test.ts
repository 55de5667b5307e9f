import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HistoryFile, historyPath } from '../../../../src/cli/shell/history-file.ts';

let directory = '';
let path = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'zkwire-history-'));
  path = join(directory, 'state', 'history');
});

afterEach(() => rmSync(directory, { recursive: true }));

describe('HistoryFile', () => {
  it('keeps lines for the next shell, for the eyes of its user', () => {
    const first = new HistoryFile(path);
    expect(first.load()).toEqual([]);
    for (const line of ['ls /', 'get /a', 'get /a', '  ', 'ls /']) first.add(line);
    expect(new HistoryFile(path).load()).toEqual(['ls /', 'get /a', 'ls /']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'state')).mode & 0o777).toBe(0o700);
  });

  it('keeps no line that may hold a password', () => {
    const history = new HistoryFile(path);
    for (const line of [
      'addauth digest bob:canary',
      '  "addauth" digest bob:canary',
      "addauth digest 'bob:canary",
      'ADDAUTH digest bob:canary',
      'ls /',
    ]) {
      history.add(line);
    }
    expect(readFileSync(path, 'utf8')).toBe('ls /\n');
  });

  it('does not grow for ever', () => {
    const history = new HistoryFile(path);
    history.add('first');
    writeFileSync(path, Array.from({ length: 5_000 }, (_, at) => `get /${at}\n`).join(''));
    const lines = new HistoryFile(path).load();
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([1_000, 'get /4000', 'get /4999']);
    expect(readFileSync(path, 'utf8')).toBe(lines.map((line) => `${line}\n`).join(''));
  });

  it('is without a word where it cannot be', () => {
    writeFileSync(join(directory, 'state'), 'a file');
    const history = new HistoryFile(path);
    expect(history.load()).toEqual([]);
    history.add('ls /');
  });
});

describe('historyPath', () => {
  it('follows XDG_STATE_HOME when that is absolute', () => {
    expect(historyPath({ XDG_STATE_HOME: '/x' })).toBe('/x/zkwire/history');
    const home = join(homedir(), '.local/state/zkwire/history');
    expect(historyPath({ XDG_STATE_HOME: 'x' })).toBe(home);
    expect(historyPath({})).toBe(home);
  });
});
