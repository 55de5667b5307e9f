import { describe, expect, it } from 'vitest';
import {
  type ConformanceReport,
  jsonReport,
  junitReport,
  type ServerCheck,
  textReport,
  verdict,
} from '../../../src/conform/index.ts';

const check = (id: string, title: string): ServerCheck => ({
  id,
  title,
  source: 'seen on 3.8.0',
  meaning: 'Clients would be puzzled.',
  run: async () => undefined,
});

const REPORT: ConformanceReport = {
  subject: 'server',
  name: '127.0.0.1:2181',
  version: '3.8.0',
  mode: 'standalone',
  profile: '3.8',
  results: [
    { check: check('create/root', 'the root is there'), outcome: 'pass', durationMs: 12.4 },
    {
      check: check('create/a', 'a node is made'),
      outcome: 'fail',
      durationMs: 1500,
      failure: 'expected <OK> & "no more",\ngot -5\0',
      transcript: ['c0 > #1 create path="/a"', 'c0 < #1 create MARSHALLINGERROR(-5)'],
    },
    {
      check: check('ttl/swept', 'a TTL node goes'),
      outcome: 'excused',
      durationMs: 0,
      reason: 'TTL nodes are switched off',
    },
  ],
  leftOut: [{ count: 7, why: 'not about the profile 3.8' }],
  needlessExcuses: [{ id: 'create/root', why: 'the check passed' }],
  leftBehind: ['/zkwire-conform-1/x'],
  startedAt: new Date(0),
  durationMs: 1512,
};

describe('the report', () => {
  it('is for people: areas, failures explained, what was excused, left out and left behind', () => {
    expect(
      textReport(REPORT),
    ).toBe(`Conformance of 127.0.0.1:2181 (3.8.0, standalone) with the profile 3.8

create (1 of 2)
  ok      create/root  the root is there
  FAIL    create/a     a node is made

ttl (0 of 1)
  excused ttl/swept    a TTL node goes

Failures

create/a
  should be:  a node is made
  what came:  expected <OK> & "no more",
              got -5\0
  it means:   Clients would be puzzled.
  known from: seen on 3.8.0
  on the wire:
    c0 > #1 create path="/a"
    c0 < #1 create MARSHALLINGERROR(-5)

Excused
  ttl/swept: TTL nodes are switched off

Left out
  7 not about the profile 3.8

Excuses that are not needed any more
  create/root: the check passed

Left on the server
  /zkwire-conform-1/x

3 checks: 1 passed, 1 failed, 1 excused (1.5 s)`);
    expect(verdict(REPORT)).toBe('3 checks: 1 passed, 1 failed, 1 excused (1.5 s)');
  });

  it.each([
    [44, '  ok      create/root  the root is there'],
    // As long as the longest row.
    [40, '  ok      create/root  the root is there'],
    [39, '  ok      create/root\n    the root is there'],
    [20, '  ok      create/root\n    the root is\n    there'],
  ])('folds titles where the terminal has %s columns', (columns, row) => {
    const [table = ''] = textReport(REPORT, columns).split('\n\nttl');
    expect(table.slice(table.indexOf('  ok'), table.indexOf('\n  FAIL'))).toBe(row);
  });

  it('says once what many failures have in common, the most frequent first', () => {
    const failures = [
      ...Array(4).fill('rare'),
      ...Array(5).fill('often'),
      ...Array(6).fill('most\nof all'),
    ];
    const results = failures.map((failure, index) => ({
      check: check(`a/${index}`, 'it is'),
      outcome: 'fail' as const,
      durationMs: 0,
      failure,
    }));
    expect(
      textReport({ ...REPORT, results })
        .split('\n\n')
        .slice(-2),
    ).toEqual([
      'What most failures have in common\n     6  most\n     5  often',
      '15 checks: 0 passed, 15 failed, 0 excused (1.5 s)',
    ]);
  });

  it('folds titles below their ids', () => {
    const title =
      'a container goes when its last child has gone; one that never had any stays, too';
    const results = [{ check: check('c/swept', title), outcome: 'pass', durationMs: 1 }] as const;
    expect(textReport({ ...REPORT, results }, 50).split('\n\n')[1]).toBe(`\
c (1 of 1)
  ok      c/swept
          a container goes when its last child has
          gone; one that never had any stays, too`);
  });

  it('is JSON with everything in it', () => {
    const json = JSON.parse(JSON.stringify(jsonReport(REPORT)));
    expect(json).toMatchObject({
      server: '127.0.0.1:2181',
      profile: '3.8',
      startedAt: '1970-01-01T00:00:00.000Z',
      counts: { pass: 1, fail: 1, excused: 1 },
      leftOut: [{ count: 7, why: 'not about the profile 3.8' }],
      leftBehind: ['/zkwire-conform-1/x'],
    });
    expect(json.checks[1]).toEqual({
      id: 'create/a',
      title: 'a node is made',
      source: 'seen on 3.8.0',
      meaning: 'Clients would be puzzled.',
      outcome: 'fail',
      durationMs: 1500,
      failure: 'expected <OK> & "no more",\ngot -5\0',
      transcript: ['c0 > #1 create path="/a"', 'c0 < #1 create MARSHALLINGERROR(-5)'],
    });
  });

  it('is JUnit XML, in which nothing that came can break the form', () => {
    expect(junitReport(REPORT)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="zkwire conform server" tests="3" failures="1" skipped="1" time="1.512">
  <testsuite name="create" hostname="127.0.0.1:2181" timestamp="1970-01-01T00:00:00.000Z" tests="2" failures="1" errors="0" skipped="0" time="1.512">
    <testcase classname="zkwire.conform.create" name="create/root" time="0.012"/>
    <testcase classname="zkwire.conform.create" name="create/a" time="1.500">
      <failure message="expected &lt;OK&gt; &amp; &quot;no more&quot;,">a node is made&#10;expected &lt;OK&gt; &amp; &quot;no more&quot;,&#10;got -5?&#10;It means: Clients would be puzzled.&#10;Known from: seen on 3.8.0&#10;c0 &gt; #1 create path=&quot;/a&quot;&#10;c0 &lt; #1 create MARSHALLINGERROR(-5)</failure>
    </testcase>
  </testsuite>
  <testsuite name="ttl" hostname="127.0.0.1:2181" timestamp="1970-01-01T00:00:00.000Z" tests="1" failures="0" errors="0" skipped="1" time="0.000">
    <testcase classname="zkwire.conform.ttl" name="ttl/swept" time="0.000">
      <skipped message="TTL nodes are switched off"/>
    </testcase>
  </testsuite>
</testsuites>`);
  });
});
