import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ConnectionView } from '../../../../src/server/words/server-view.ts';
import { ConnectionStatistics, ServerStatistics } from '../../../../src/server/words/statistics.ts';
import { WordAnswers } from '../../../../src/server/words/word-answers.ts';
import { connectionOf, viewOf } from './fake-view.ts';

const FIXTURE = new URL('../../../fixtures/server/words-3.8.0.json', import.meta.url);

const { answers: REAL } = JSON.parse(readFileSync(FIXTURE, 'utf8')) as {
  answers: Record<string, string>;
};

/** What the real server answered. */
function real(word: string): string {
  return REAL[word] ?? '';
}

/** As long as the answer says who it is, the version is the one thing that differs. */
function unversioned(text: string): string {
  return text.replace(/3\.8\.0-.*, built on \d{4}-\d\d-\d\d \d\d:\d\d UTC/, '3.8.0-X, built on D');
}

function code(word: string): number {
  return Buffer.from(word).readInt32BE();
}

const FIRST = 0x100015d141b0000n;
const SECOND = 0x100015d141b0001n;

function statistics(values: Partial<ConnectionStatistics>, latencies: readonly number[] = []) {
  const made = Object.assign(new ConnectionStatistics(), values);
  for (const latencyMs of latencies) made.latency.add(latencyMs);
  return made;
}

/** What the real server had when it was asked for `cons`. */
function connections(asker: string): Set<ConnectionView> {
  return new Set([
    connectionOf({
      name: '127.0.0.1:35514',
      sessionId: SECOND,
      sinceMs: 1795276253639,
      sessionTimeoutMs: 20_000,
      expiresAtMs: Date.UTC(2026, 10, 21, 15, 51, 16),
      statistics: statistics(
        {
          packetsReceived: 4,
          packetsSent: 4,
          operation: 'GETD',
          cxid: 3,
          zxid: 5n,
          respondedMs: 22878099,
          latencyMs: 0,
        },
        [2, 0, 2, 1],
      ),
    }),
    connectionOf({
      name: asker,
      interestOps: 0,
      expiresAtMs: Date.UTC(2026, 10, 21, 15, 51, 6),
      statistics: statistics({ packetsReceived: 1 }),
    }),
    connectionOf({
      name: '127.0.0.1:35504',
      sessionId: FIRST,
      sinceMs: 1795276253609,
      sessionTimeoutMs: 10_000,
      expiresAtMs: Date.UTC(2026, 10, 21, 15, 51, 6),
      statistics: statistics(
        {
          packetsReceived: 25,
          packetsSent: 25,
          operation: 'ADDW',
          cxid: 0x18,
          zxid: 5n,
          respondedMs: 22877596,
          latencyMs: 2,
        },
        [0, 18, ...Array(22).fill(1)],
      ),
    }),
  ]);
}

function busyStatistics(packetsReceived: number, packetsSent: number): ServerStatistics {
  const made = Object.assign(new ServerStatistics(), { packetsReceived, packetsSent });
  // 29 requests, 44 ms together: the mean that the real server told.
  made.latency.add(18);
  made.latency.add(26 - 24);
  made.latency.add(1, 24);
  made.latency.add(0, 3);
  return made;
}

function answer(word: string, more: Parameters<typeof viewOf>[0]): string | null {
  const caller = new ConnectionStatistics();
  return new WordAnswers(viewOf(more)).answer(code(word), Buffer.alloc(0), caller);
}

afterEach(() => vi.unstubAllEnvs());

describe('an answer is that of a real server', () => {
  it.each(['gtmk', 'hash', 'isro', 'ruok', 'crst', 'srst'])('%s', (word) => {
    expect(answer(word, {})).toBe(real(word));
  });

  it('stmk, and gtmk behind it', () => {
    const answers = new WordAnswers(viewOf());
    const caller = new ConnectionStatistics();
    const mask = Buffer.from('00000000000000220a', 'hex');
    expect(answers.answer(code('stmk'), mask, caller)).toBe(real('stmk'));
    expect(answers.answer(code('gtmk'), Buffer.alloc(0), caller)).toBe(real('stmk'));
  });

  it('srvr', () => {
    const text = answer('srvr', {
      statistics: busyStatistics(60, 61),
      connections: connections('127.0.0.1:35600'),
      lastZxid: 5n,
      nodeCount: 8,
    });
    expect(unversioned(text ?? '')).toBe(unversioned(real('srvr')));
  });

  it('stat', () => {
    const text = answer('stat', {
      statistics: busyStatistics(61, 62),
      connections: connections('127.0.0.1:35612'),
      lastZxid: 5n,
      nodeCount: 8,
    });
    expect(unversioned(text ?? '')).toBe(unversioned(real('stat')));
  });

  it('stat of a new server', () => {
    const asker = connectionOf({
      name: '127.0.0.1:35470',
      interestOps: 0,
      statistics: statistics({ packetsReceived: 1 }),
    });
    const counts = Object.assign(new ServerStatistics(), { packetsReceived: 17, packetsSent: 17 });
    const text = answer('stat', { statistics: counts, connections: new Set([asker]) });
    expect(unversioned(text ?? '')).toBe(unversioned(real('stat idle')));
  });

  it('cons', () => {
    expect(answer('cons', { connections: connections('127.0.0.1:35534') })).toBe(real('cons'));
  });

  it('cons behind crst', () => {
    const open = [...connections('127.0.0.1:35664')];
    for (const connection of open) connection.statistics.reset();
    open[1]!.statistics.packetsReceived = 1;
    expect(answer('cons', { connections: new Set(open) })).toBe(real('cons after crst'));
  });

  it('dump', () => {
    // Where the real one was asked.
    vi.stubEnv('TZ', 'UTC');
    const at = (seconds: number): number => Date.UTC(2026, 10, 21, 15, 51, seconds);
    const [second, asker, first] = connections('127.0.0.1:35550');
    const text = answer('dump', {
      connections: new Set([second!, first!, asker!]),
      sessionBuckets: () => [
        { expiresAtMs: at(4), sessions: [{ id: FIRST }] },
        { expiresAtMs: at(14), sessions: [] },
        { expiresAtMs: at(16), sessions: [{ id: SECOND }] },
      ],
    });
    expect(text).toBe(real('dump'));
    const idle = connectionOf({ name: '127.0.0.1:35398', expiresAtMs: at(6) });
    expect(answer('dump', { connections: new Set([idle]) })).toBe(real('dump idle'));
  });

  it('wchs, wchc and wchp', () => {
    const watches = {
      count: 4,
      summary: { connections: 2, paths: 1, watches: 2 },
      bySession: () =>
        [
          [SECOND, ['/a']],
          [FIRST, ['/a']],
        ] as const,
      byPath: () => [['/a', [FIRST, SECOND]]] as const,
    };
    for (const word of ['wchs', 'wchc', 'wchp']) {
      expect(answer(word, { watches })).toBe(real(word));
    }
  });

  it.each(['conf', 'dirs', 'envi'])('%s has the same lines', (word) => {
    const keys = (text: string | null | undefined): string[] =>
      (text ?? '').split('\n').map((line) => line.split(/[=:]/)[0] ?? '');
    expect(keys(answer(word, {}))).toEqual(keys(real(word)));
  });

  it('mntr has lines of the same names in the same order, in the same form', () => {
    const lines = (text: string | null | undefined): [string, string][] =>
      (text ?? '')
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t') as [string, string]);
    const theirs = lines(real('mntr'));
    const ours = lines(answer('mntr', { statistics: busyStatistics(59, 57) }));
    expect(ours.length).toBeGreaterThan(25);
    const shared = theirs.filter(([name]) => ours.some(([other]) => other === name));
    expect(ours.map(([name]) => name)).toEqual(shared.map(([name]) => name));
    const form = (value: string): string => value.replace(/-?\d+/g, 'N');
    for (const [index, [name, value]] of shared.entries()) {
      if (name !== 'zk_version') expect([name, form(ours[index]![1])]).toEqual([name, form(value)]);
    }
    expect(ours).toContainEqual(['zk_avg_latency', '1.5172']);
    expect(ours).toContainEqual(['zk_local_sessions', '0']);
  });
});
