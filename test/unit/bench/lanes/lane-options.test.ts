import { describe, expect, it } from 'vitest';
import type { LaneCase } from '../../../../bench/lanes/lane.ts';
import {
  laneCommand,
  laneHelp,
  parseLaneOptions,
  selectLaneCases,
} from '../../../../bench/lanes/lane-options.ts';
import { UsageError } from '../../../../bench/options.ts';

function laneCase(name: string): LaneCase {
  return { name, group: 'a', turns: 3, turnMs: 10, peer: null };
}

const CASES = [laneCase('growth/depth/zkwire'), laneCase('growth/children/zkwire')];

describe('parseLaneOptions', () => {
  it('has a whole run as default', () => {
    expect(parseLaneOptions([])).toEqual({
      filter: null,
      turns: null,
      quick: false,
      list: false,
      publish: false,
      help: false,
      json: null,
      own: null,
    });
  });

  it('reads every option', () => {
    const args = ['--filter', '^growth/', '--turns', '4', '--quick', '--json', 'x.json', '--list'];
    const options = parseLaneOptions([...args, '-h']);
    expect(options).toEqual({
      filter: /^growth\//,
      turns: 4,
      quick: true,
      list: true,
      publish: false,
      help: true,
      json: 'x.json',
      own: null,
    });
    expect(parseLaneOptions(['--publish']).publish).toBe(true);
  });

  it.each([
    [['--nonsense'], /nonsense/],
    [['stray'], /stray/],
    [['--filter', '('], /--filter/],
    [['--turns', '0'], /--turns wants a whole number from 1 to 1000, not '0'/],
    [['--turns', '1.5'], /--turns/],
    [['--turns', ''], /--turns/],
    [['--publish', '--quick'], /only a whole run is published/],
    [['--publish', '--filter', 'x'], /only a whole run is published/],
  ])('refuses %j', (args, message) => {
    expect(() => parseLaneOptions(args)).toThrow(UsageError);
    expect(() => parseLaneOptions(args)).toThrow(message);
  });

  it('names every option in the help', () => {
    const help = laneHelp('growth', 'Measures how cost grows.', {
      wholeMs: 2_400_000,
      quickMs: 90_001,
    });
    expect(help).toMatch(
      /^Measures how cost grows\.\nA whole run takes about 40 minutes, one with --quick about 91 s\.\n\nusage: npm run bench:growth --/,
    );
    for (const option of ['filter', 'turns', 'quick', 'list', 'json', 'publish', 'help']) {
      expect(help).toContain(`  --${option} `);
    }
  });
});

describe('the option of one lane', () => {
  const own = {
    name: 'arrivals',
    placeholder: 'LIST',
    about: 'when they come',
    byDefault: 'a,b',
  };

  it('is read, named in the help, and part of the command', () => {
    const options = parseLaneOptions(['--arrivals', 'b', '--turns', '2'], own);
    expect(options).toMatchObject({ own: 'b', turns: 2 });
    expect(parseLaneOptions([], own).own).toBeNull();
    expect(laneCommand('latency', options, own)).toBe(
      'npm run bench:latency -- --turns 2 --arrivals b',
    );
    const help = laneHelp('latency', '', { wholeMs: 1, quickMs: 1 }, own);
    expect(help).toContain('  --arrivals LIST  when they come (default: a,b)\n');
  });

  it('is unknown to the others, and makes a run that is not published', () => {
    expect(() => parseLaneOptions(['--arrivals', 'b'])).toThrow(/Unknown option '--arrivals'/);
    expect(() => parseLaneOptions(['--arrivals', 'b', '--publish'], own)).toThrow(
      'only a whole run is published: no --quick, no --filter, no --arrivals',
    );
  });
});

describe('selectLaneCases', () => {
  it('takes what matches, with the turns that were asked for', () => {
    const selected = selectLaneCases(
      CASES,
      parseLaneOptions(['--filter', 'depth', '--turns', '9']),
    );
    expect(selected).toEqual([{ ...laneCase('growth/depth/zkwire'), turns: 9 }]);
    expect(selectLaneCases(CASES, parseLaneOptions([]))).toEqual(CASES);
  });

  it('names near ones when nothing matches', () => {
    const select = () => selectLaneCases(CASES, parseLaneOptions(['--filter', 'dept-h']));
    expect(select).toThrow(UsageError);
    expect(select).toThrow(/no case matches; near to it: growth\/depth\/zkwire/);
  });
});

describe('laneCommand', () => {
  it('repeats what was measured, not where it went', () => {
    expect(laneCommand('growth', parseLaneOptions(['--publish']))).toBe('npm run bench:growth');
    const args = ['--quick', '--filter', 'a|b', '--turns', '2', '--json', 'x.json'];
    expect(laneCommand('watches', parseLaneOptions(args))).toBe(
      "npm run bench:watches -- --quick --filter 'a|b' --turns 2",
    );
  });
});
