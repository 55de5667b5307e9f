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
    expect(options.targets).toEqual(['null', 'embedded', 'real', 'ensemble']);
    expect(options.filter).toBeNull();
  });

  it.each([
    [['--turn', '3'], /unknown option --turn; near to it: --turns/],
    [['--turns', '0'], /--turns wants a whole number from 1 to 1000, not '0'/],
    [['--turns', '2.5'], /whole number/],
    [['--turns', ''], /whole number/],
    [['--seconds', 'soon'], /--seconds wants a number from 0.05 to 600, not 'soon'/],
    [['--targets', 'null,mars'], /'mars' is none of null, embedded, real, ensemble/],
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

  it('measures what figures are computed from five times, and ten times in the whole matrix', () => {
    const turnsOf = (...args: string[]): number[] => {
      const cases = selectCases(allCases(), parseBenchOptions(args));
      return cases.flatMap((each) => (each.quoted && each.kind !== 'memory' ? [each.turns] : []));
    };
    // Codec; the null responder at three depths; CPU time and rates on other servers.
    expect(turnsOf()).toEqual(Array.from({ length: 8 + 3 * 3 + 5 + 3 + 2 }, () => 5));
    expect(new Set(turnsOf('--all'))).toEqual(new Set([10]));
    const names = select('--all', '--filter', '^load/null/get/100B/depth-1024/');
    for (const client of ['java', 'c', 'go', 'zookeeper', 'node-zookeeper-client']) {
      expect(names).toContain(`load/null/get/100B/depth-1024/${client}`);
    }
  });

  it('has every depth, operation, size and server in the whole matrix', () => {
    const names = select('--all', '--filter', '^load/.*zkwire-promise$');
    // Twelve operations at four depths on three servers, but the largest set at the deepest; seven on the ensemble.
    expect(names).toHaveLength(3 * (12 * 4 - 1) + 7 * 4);
    for (const name of [
      'load/real/set/1KiB/depth-1024/zkwire-promise',
      'load/embedded/get/64KiB/depth-16/zkwire-promise',
      'load/null/getChildren/1000-children/depth-128/zkwire-promise',
      'load/ensemble/create/100B/depth-1/zkwire-promise',
      'load/ensemble/multi/100B/depth-16/zkwire-promise',
      'load/real/mixed/100B/depth-128/zkwire-promise',
      'load/real/exists/100B/depth-128/zkwire-promise',
    ]) {
      expect(names).toContain(name);
    }
    for (const client of ['java', 'c', 'go']) {
      expect(select('--all', '--filter', `^load/.*/${client}$`)).toHaveLength(names.length);
    }
  });

  it('has no turns of what a client cannot do, however often it is asked for', () => {
    const args = ['--all', '--turns', '7', '--filter', 'load/null/(multi|create)/100B/depth-16/'];
    const cases = selectCases(allCases(), parseBenchOptions(args));
    const without = cases.filter(({ turns }) => turns === 0).map(({ name }) => name);
    expect(without).toEqual([
      'load/null/create/100B/depth-16/zkwire-callback',
      'load/null/multi/100B/depth-16/zkwire-callback',
      'load/null/multi/100B/depth-16/zookeeper',
    ]);
    expect(new Set(cases.map(({ turns }) => turns))).toEqual(new Set([0, 7]));
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
    expect(() => select(...args)).toThrow(/8 cases that match .* --all/);
    expect(select(...args, '--all')).toHaveLength(8);
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
