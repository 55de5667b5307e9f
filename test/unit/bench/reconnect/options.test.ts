import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../bench/options.ts';
import { reconnectCases } from '../../../../bench/reconnect/cases.ts';
import {
  parseReconnectOptions,
  reconnectCommand,
  selectReconnectCases,
} from '../../../../bench/reconnect/options.ts';

describe('options of bench:reconnect', () => {
  it('are a whole run by default', () => {
    const options = parseReconnectOptions([]);
    expect(options).toEqual({
      filter: null,
      quick: false,
      publish: false,
      list: false,
      help: false,
      json: null,
    });
    expect(reconnectCommand(options)).toBe('npm run bench:reconnect');
  });

  it('give the command that measures the same again', () => {
    const options = parseReconnectOptions(['--quick', '--filter', '^reset/', '--json', 'x.json']);
    expect(reconnectCommand(options)).toBe(
      "npm run bench:reconnect -- --quick --filter '^reset\\/'",
    );
  });

  it.each([
    [['--nonsense']],
    [['word']],
    [['--filter', '(']],
    [['--publish', '--quick']],
    [['--publish', '--filter', 'x']],
  ])('%j is wrong usage', (args) => {
    expect(() => parseReconnectOptions(args)).toThrow(UsageError);
  });
});

describe('cases of bench:reconnect', () => {
  it('have a name each', () => {
    const names = reconnectCases(false).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('are 1,000 resets of zkwire for each server of the figures', () => {
    for (const name of ['reset/null/3-addresses/zkwire', 'reset/real/3-addresses/zkwire']) {
      const found = reconnectCases(false).find((each) => each.name === name);
      expect((found?.turns ?? 0) * (found?.faults ?? 0)).toBe(1_000);
    }
  });

  it('are fewer in a quick run, and the same ones', () => {
    const all = new Set(reconnectCases(false).map(({ name }) => name));
    const quick = reconnectCases(true);
    expect(quick.length).toBeLessThan(all.size);
    expect(quick.every(({ name }) => all.has(name))).toBe(true);
  });

  it('can be chosen by name, but not none of them', () => {
    const cases = reconnectCases(false);
    const frozen = selectReconnectCases(cases, /^frozen/);
    expect(new Set(frozen.map(({ cause }) => cause))).toEqual(new Set(['frozen']));
    expect(() => selectReconnectCases(cases, /nothing/)).toThrow(UsageError);
  });
});
