import { describe, expect, it } from 'vitest';
import { allCases } from '../../../bench/cases.ts';
import { distanceToPart, nearestNames } from '../../../bench/nearest-names.ts';
import {
  commandToRepeat,
  parseBenchOptions,
  selectCases,
  UsageError,
} from '../../../bench/options.ts';
import { DEFAULT_TIMES, groupCases, planMs } from '../../../bench/plan.ts';

const FIVE_MINUTES_MS = 300_000;

function select(...args: string[]): string[] {
  return selectCases(allCases(), parseBenchOptions(args)).map(({ name }) => name);
}

describe('parseBenchOptions', () => {
  it('reads every option', () => {
    const args = ['--filter', 'x', '--turns', '9', '--seconds', '0.5', '--warmup', '1'];
    const more = ['--targets', 'real', '--all', '--list', '--publish', '--json', 'a.json'];
    expect(parseBenchOptions([...args, ...more])).toEqual({
      filter: /x/,
      turns: 9,
      seconds: 0.5,
      warmup: 1,
      targets: ['real'],
      all: true,
      quick: false,
      list: true,
      help: false,
      publish: true,
      json: 'a.json',
    });
  });

  it('runs everything against all servers when nothing is asked for', () => {
    const options = parseBenchOptions([]);
    expect(options.targets).toEqual(['null', 'embedded', 'real']);
    expect(options.filter).toBeNull();
  });

  it.each([
    [['--turn', '3'], /unknown option --turn; near to it: --turns/],
    [['--turns', '0'], /--turns wants a whole number from 1 to 1000, not '0'/],
    [['--turns', '2.5'], /whole number/],
    [['--turns', ''], /whole number/],
    [['--seconds', 'soon'], /--seconds wants a number from 0.05 to 600, not 'soon'/],
    [['--targets', 'null,mars'], /'mars' is none of null, embedded, real/],
    [['--filter', '('], /--filter: /],
    [['--filter'], /argument missing/],
    [['depth-1'], /Unexpected argument 'depth-1'/],
    [['--quick', '--publish'], /too short to publish/],
  ])('refuses %j', (args, message) => {
    expect(() => parseBenchOptions(args)).toThrow(UsageError);
    expect(() => parseBenchOptions(args)).toThrow(message);
  });
});

describe('commandToRepeat', () => {
  it('keeps what was measured and drops where it was written', () => {
    expect(commandToRepeat([])).toBe('npm run bench');
    expect(commandToRepeat(['--publish', '--json', '/tmp/a.json'])).toBe('npm run bench');
    expect(commandToRepeat(['--turns=3', '--filter', 'a|b', '--all'])).toBe(
      "npm run bench -- --turns 3 --filter 'a|b' --all",
    );
  });
});

describe('selectCases', () => {
  it('takes the default run, which is planned to end in five minutes', () => {
    const cases = selectCases(allCases(), parseBenchOptions([]));
    expect(planMs(cases, DEFAULT_TIMES)).toBeLessThanOrEqual(FIVE_MINUTES_MS);
  });

  it('measures what ratios are quoted from at least five times', () => {
    const cases = selectCases(allCases(), parseBenchOptions(['--filter', 'codec|memory|get/100B']));
    const quoted = cases.filter(
      (each) =>
        each.kind !== 'load' ||
        (each.target === 'null' && each.depth !== 16 && !/native|by-name/.test(each.client)),
    );
    expect(quoted).toHaveLength(8 + 3 + 18);
    expect(Math.min(...quoted.map(({ turns }) => turns))).toBeGreaterThanOrEqual(5);
  });

  it('has every depth, operation, payload and server in the whole matrix', () => {
    const names = select('--all', '--filter', '^load/.*zkwire-promise$');
    expect(names).toHaveLength(3 * 2 * 2 * 4);
    expect(names).toContain('load/real/set/1KiB/depth-1024/zkwire-promise');
  });

  it('leaves servers out that are not asked for, but not what needs none', () => {
    const names = select('--targets', 'null');
    expect(names.some((name) => /^load\/(real|embedded)\//.test(name))).toBe(false);
    expect(names).toContain('codec/decode-stat/zkwire');
    expect(names).toContain('memory/rss-growth');
  });

  it('overrides turns', () => {
    const options = parseBenchOptions(['--filter', 'decode-stat', '--turns', '2']);
    expect(selectCases(allCases(), options).map(({ turns }) => turns)).toEqual([2, 2]);
    const quick = parseBenchOptions(['--filter', 'decode-stat', '--quick']);
    expect(selectCases(allCases(), quick).map(({ turns }) => turns)).toEqual([1, 1]);
  });

  it('names near cases when none matches', () => {
    expect(() => select('--filter', 'codec/decode-stat/zkwyre')).toThrow(
      /no case matches; near to it: codec\/decode-stat\/zkwire/,
    );
  });

  it('says so when what matches needs --all', () => {
    const args = ['--targets', 'null', '--filter', 'set/1KiB/depth-16/'];
    expect(() => select(...args)).toThrow(/5 cases that match .* --all/);
    expect(select(...args, '--all')).toHaveLength(5);
  });

  it('has unique names, grouped by what is compared', () => {
    const cases = allCases();
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    for (const group of groupCases(cases)) {
      const [first] = group;
      for (const each of group) {
        expect(each.group).toBe(first?.group);
        expect(each.name.startsWith(each.group)).toBe(true);
      }
    }
  });
});

describe('nearestNames', () => {
  it('prefers names that contain what was asked for', () => {
    expect(nearestNames('flam', ['doctor', 'a-flame-graph', 'clam'], 2)).toEqual([
      'a-flame-graph',
      'clam',
    ]);
  });

  it('counts the edits to the nearest part', () => {
    expect(distanceToPart('kitten', 'sitting')).toBe(2);
    expect(distanceToPart('', 'abc')).toBe(0);
    expect(distanceToPart('abc', '')).toBe(3);
    expect(distanceToPart('same', 'the same thing')).toBe(0);
  });

  it('finds long names by a fragment', () => {
    const names = allCases().map(({ name }) => name);
    for (const name of nearestNames('depth1024/raw', names)) {
      expect(name).toMatch(/depth-1024\/raw-socket$/);
    }
  });
});
