import { describe, expect, it } from 'vitest';
import { ProgressLine, type ProgressStream } from '../../../src/cli/progress-line.ts';

class Terminal implements ProgressStream {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  text = '';

  constructor(isTTY: boolean, columns?: number) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string): void {
    this.text += text;
  }
}

const env = { TERM: 'xterm' };

describe('ProgressLine', () => {
  it('rewrites its line, and takes it away once', () => {
    const terminal = new Terminal(true);
    const line = new ProgressLine(terminal, { env });
    line.clear();
    line.show('1/2');
    line.show('2/2');
    line.clear();
    line.clear();
    expect(terminal.text).toBe('\r\x1b[K1/2\r\x1b[K2/2\r\x1b[K');
  });

  it.each([
    [20, `${'a'.repeat(16)}…`],
    [40, `${'a'.repeat(36)}…`],
    [62, 'a'.repeat(59)],
    [61, `${'a'.repeat(57)}…`],
    [undefined, 'a'.repeat(59)],
    // What a terminal says that does not know.
    [0, 'a'.repeat(59)],
    [1, '…'],
  ])('keeps to one row of %s columns', (columns, shown) => {
    const terminal = new Terminal(true, columns);
    new ProgressLine(terminal, { env }).show('a'.repeat(59));
    expect(terminal.text).toBe(`\r\x1b[K${shown}`);
  });

  it.each([
    ['a file or pipe', false, env],
    ['a terminal that only takes text', true, { TERM: 'dumb' }],
  ])('is silent on %s', (_, isTTY, environment) => {
    const terminal = new Terminal(isTTY);
    const line = new ProgressLine(terminal, { env: environment });
    line.show('1/2');
    line.clear();
    expect(terminal.text).toBe('');
  });

  it('shows no more often than it is told', () => {
    const terminal = new Terminal(true);
    const line = new ProgressLine(terminal, { env, intervalMs: 3_600_000 });
    line.show('1/2');
    line.show('2/2');
    expect(terminal.text).toBe('\r\x1b[K1/2');
  });
});
