import { describe, expect, it } from 'vitest';
import { allCases, type BenchCase } from '../../../bench/cases.ts';
import type { Driver } from '../../../bench/drivers/driver.ts';
import { prepareRequirements, type Requirements, sortOut } from '../../../bench/requirements.ts';
import { summaryLine } from '../../../bench/summary-line.ts';

function casesNamed(pattern: RegExp): BenchCase[] {
  return allCases().filter(({ name }) => pattern.test(name));
}

const driver = (name: 'java' | 'c' | 'go', missing: string | null): Driver => {
  return { name, subject: `${name} client`, version: '1', program: '', args: [], missing };
};

const there: Requirements = {
  peers: [{ name: 'zookeeper', version: '7', missing: null }],
  drivers: [driver('c', null), driver('java', null)],
  socketCalls: null,
  real: { version: '3.8.0' },
};

describe('sortOut', () => {
  const group = casesNamed(/^load\/(null|real|ensemble)\/get\/100B\/depth-128\//);

  it('leaves nothing out where everything is there', () => {
    expect(sortOut(group, there)).toEqual({ possible: group, skipped: [] });
  });

  it('says once for each what is missing, and goes on with the rest', () => {
    const { possible, skipped } = sortOut(group, {
      ...there,
      peers: [{ name: 'zookeeper', version: '7', missing: 'no make' }],
      drivers: [driver('c', null), driver('java', 'javac could not be started')],
    });
    expect(skipped).toEqual([
      { name: 'cases of npm zookeeper', reason: 'no make' },
      { name: 'cases of the java client', reason: 'missing: javac could not be started' },
    ]);
    const left = new Set(possible.map((each) => each.kind === 'load' && each.client));
    expect(left.has('c')).toBe(true);
    expect(left.has('go')).toBe(true);
    expect(left.has('java')).toBe(false);
    expect(left.has('zookeeper')).toBe(false);
    expect(left.has('zookeeper-native')).toBe(false);
  });

  it('leaves out the ensemble too, where there is no real server', () => {
    const { possible, skipped } = sortOut(group, { ...there, real: 'there is no ZooKeeper' });
    expect(skipped).toEqual([{ name: 'cases on a real server', reason: 'there is no ZooKeeper' }]);
    expect(new Set(possible.map((each) => each.kind === 'load' && each.target))).toEqual(
      new Set(['null']),
    );
  });
});

describe('prepareRequirements', () => {
  it('prepares nothing that no case wants', async () => {
    const said: string[] = [];
    const cases = casesNamed(/^load\/null\/get\/100B\/depth-1\/(raw|zkwire)/);
    expect(await prepareRequirements(cases, (line) => said.push(line))).toEqual({
      peers: [],
      drivers: [],
      socketCalls: null,
      real: null,
    });
    expect(said).toEqual([]);
  });
});

describe('summaryLine', () => {
  it('tells what is not supported from what has failed', () => {
    const [benchCase] = casesNamed(/^load\/null\/multi\/100B\/depth-1\/zookeeper$/);
    if (benchCase === undefined) throw new Error('no such case');
    const none = { case: benchCase, subject: '', version: '', turns: [], failures: [] };
    expect(summaryLine({ ...none, notSupported: 'it has no transactions' })).toBe(
      'not supported: it has no transactions',
    );
    expect(summaryLine(none)).toBe('FAILED: no turn ran');
  });
});
