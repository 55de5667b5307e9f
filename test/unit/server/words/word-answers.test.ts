import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WORD_ANSWER_CHARS_MAX } from '../../../../src/limits.ts';
import { systemClock } from '../../../../src/server/config/server-clock.ts';
import { ConnectionStatistics } from '../../../../src/server/words/statistics.ts';
import { WordAnswers } from '../../../../src/server/words/word-answers.ts';
import { FOUR_LETTER_WORDS, wordOfCode } from '../../../../src/server/words/word-names.ts';
import { connectionOf, viewOf } from './fake-view.ts';

const NOTHING = Buffer.alloc(0);

function code(word: string): number {
  return Buffer.from(word, 'latin1').readInt32BE();
}

function ask(answers: WordAnswers, word: string): string | null {
  return answers.answer(code(word), NOTHING, new ConnectionStatistics());
}

describe('WordAnswers', () => {
  it('leaves to others what is no word', () => {
    const answers = new WordAnswers(viewOf());
    const caller = new ConnectionStatistics();
    for (const word of ['quit', 'RUOK', '\0\0\0,', 'GET ']) {
      expect(answers.answer(code(word), NOTHING, caller)).toBeNull();
    }
    expect(caller.packetsReceived).toBe(0);
  });

  it('has an answer to every word', () => {
    const answers = new WordAnswers(viewOf());
    for (const word of FOUR_LETTER_WORDS) expect(ask(answers, word)).toBeTypeOf('string');
  });

  it('answers only what is in the whitelist', () => {
    const answers = new WordAnswers(viewOf({}, { fourLetterWords: ['ruok'] }));
    expect(ask(answers, 'ruok')).toBe('imok');
    expect(ask(answers, 'srvr')).toMatch(/^Zookeeper version: /);
    expect(ask(answers, 'wchc')).toBe('wchc is not executed because it is not in the whitelist.\n');
  });

  it('knows the farewell of telnet', () => {
    expect(wordOfCode(0xfff4fffd | 0)).toBe('telnet close');
    expect(ask(new WordAnswers(viewOf({}, {})), '\xff\xf4\xff\xfd')).toBe(
      'telnet close is not executed because it is not in the whitelist.\n',
    );
    expect(ask(new WordAnswers(viewOf()), '\xff\xf4\xff\xfd')).toBeNull();
  });

  it('counts words as packets, of the caller and of all', () => {
    const view = viewOf();
    const answers = new WordAnswers(view);
    const caller = new ConnectionStatistics();
    const text = answers.answer(code('srvr'), NOTHING, caller);
    // The question has been counted when the answer is made, the answer has not.
    expect(text).toContain('\nReceived: 1\nSent: 0\n');
    answers.answer(code('ruok'), NOTHING, caller);
    expect([caller.packetsReceived, caller.packetsSent]).toEqual([2, 2]);
    expect([view.statistics.packetsReceived, view.statistics.packetsSent]).toEqual([2, 2]);
  });

  it('says nothing to a trace mask that is not whole', () => {
    const answers = new WordAnswers(viewOf());
    const caller = new ConnectionStatistics();
    expect(answers.answer(code('stmk'), Buffer.alloc(7), caller)).toBe('');
    expect(ask(answers, 'gtmk')).toBe('306');
    const all = Buffer.alloc(8, 0xff);
    expect(answers.answer(code('stmk'), all, caller)).toBe('-1');
  });

  it('resets', () => {
    const connection = connectionOf();
    const view = viewOf({ connections: new Set([connection]) });
    const answers = new WordAnswers(view);
    connection.statistics.responded(1, 7n, 'GETD', 1, 3);
    view.statistics.responded(false, 1, 3);
    ask(answers, 'crst');
    expect(connection.statistics).toMatchObject({ packetsReceived: 0, operation: 'NA', cxid: -1 });
    expect(view.statistics.latency.max).toBe(2);
    ask(answers, 'srst');
    expect(view.statistics.latency.max).toBe(0);
    // The answer to srst is sent behind it.
    expect(view.statistics.packetsSent).toBe(1);
  });

  it('says that it is read-only', () => {
    const answers = new WordAnswers(viewOf({}, { readOnly: true, fourLetterWords: '*' }));
    expect(ask(answers, 'isro')).toBe('ro');
    expect(ask(answers, 'srvr')).toContain('\nREAD-ONLY mode; serving only read-only clients\n');
    expect(ask(answers, 'srvr')).toContain('\nMode: read-only\n');
    expect(ask(answers, 'mntr')).toContain('\nzk_server_state\tread-only\n');
  });

  it('waits for nothing of the connection that asks', () => {
    const asker = connectionOf({ name: '127.0.0.1:2' });
    const answers = new WordAnswers(viewOf({ connections: new Set([connectionOf(), asker]) }));
    for (const word of ['cons', 'stat']) {
      const text = answers.answer(code(word), NOTHING, asker.statistics);
      expect(text).toContain(' /127.0.0.1:1[1](queued=0,');
      expect(text).toContain(' /127.0.0.1:2[0](queued=0,');
    }
  });

  it('tells the last xid from 0 on', () => {
    const connection = connectionOf({ sessionId: -1n });
    const answers = new WordAnswers(viewOf({ connections: new Set([connection]) }));
    connection.statistics.reset();
    connection.statistics.responded(-2, 0n, 'PING', 0, 0);
    expect(ask(answers, 'cons')).toContain(',to=0,lzxid=0x0,');
    connection.statistics.responded(0, 0n, 'GETD', 0, 0);
    expect(ask(answers, 'cons')).toContain(',to=0,lcxid=0x0,lzxid=0x0,');
  });

  it('tells digests as hex and decimal', () => {
    const digests = () => [
      { zxid: 0x80n, digest: 1371985504n },
      { zxid: -1n, digest: -5n },
    ];
    expect(ask(new WordAnswers(viewOf({ digests })), 'hash')).toBe(
      '80: 1371985504\nffffffffffffffff: -5\n',
    );
  });

  it('tells ephemeral nodes by session', () => {
    const ephemerals = () => [[-2n, ['/a', '/ü']]] as const;
    expect(ask(new WordAnswers(viewOf({ ephemerals })), 'dump')).toContain(
      'Sessions with Ephemerals (1):\n0xfffffffffffffffe:\n\t/a\n\t/ü\nConnections dump:\n',
    );
  });

  it('knows where the files are, and how large', () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'zkwire-words-'));
    try {
      mkdirSync(join(dataDir, 'version-2'));
      writeFileSync(join(dataDir, 'version-2', 'log.1'), 'x'.repeat(1000));
      writeFileSync(join(dataDir, 'version-2', 'snapshot.0'), 'x'.repeat(24));
      const answers = new WordAnswers(
        viewOf({ port: 2181, securePort: 2281 }, { dataDir, fourLetterWords: '*' }),
      );
      expect(ask(answers, 'dirs')).toBe('datadir_size: 1024\nlogdir_size: 1024\n');
      const conf = ask(answers, 'conf');
      expect(conf).toContain(
        `clientPort=2181\nsecureClientPort=2281\ndataDir=${dataDir}/version-2\ndataDirSize=1024\n`,
      );
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });

  it('has sizes of 0 where there are no files', () => {
    const memory = new WordAnswers(viewOf());
    expect(ask(memory, 'dirs')).toBe('datadir_size: 0\nlogdir_size: 0\n');
    const none = new WordAnswers(viewOf({}, { dataDir: '/nowhere/x', fourLetterWords: '*' }));
    expect(ask(none, 'dirs')).toBe('datadir_size: 0\nlogdir_size: 0\n');
  });

  it('starts its version like the release that it behaves like', () => {
    const envi = ask(new WordAnswers(viewOf({}, { release: '3.9', fourLetterWords: '*' })), 'envi');
    expect(envi).toMatch(/^Environment:\nzookeeper\.version=3\.9\.5-zkwire-\d/);
  });
});

describe('long lists', () => {
  const path = `/${'x'.repeat(999_999)}`;

  function* endless(): Generator<readonly [string, Iterable<bigint>]> {
    for (;;) yield [path, [1n]];
  }

  it('are cut, and say so', () => {
    const watches = { ...viewOf().watches, byPath: endless };
    const text = ask(new WordAnswers(viewOf({ watches })), 'wchp') ?? '';
    expect(text.length).toBeLessThan(WORD_ANSWER_CHARS_MAX + 100);
    expect(text).toMatch(/\n\(cut here: more than 8388608 characters\)\n\n$/);
  });

  it('are refused for a while when too many were asked for', () => {
    let nowMs = 0;
    const watches = { ...viewOf().watches, byPath: endless };
    const clock = { ...systemClock, nowMs: () => nowMs };
    const answers = new WordAnswers(viewOf({ watches }, { clock, fourLetterWords: '*' }));
    const isMade = (): boolean => (ask(answers, 'wchp') ?? '').length > 1_000_000;
    expect([isMade(), isMade(), isMade(), isMade()]).toEqual([true, true, true, true]);
    // What was saved up is nearly gone: one more, then nothing until that has come in again.
    expect([isMade(), isMade()]).toEqual([true, false]);
    expect(ask(answers, 'cons')).toBe('cons is not executed: too much was asked for just now.\n');
    expect(ask(answers, 'wchs')).toContain('Total watches:0');
    nowMs = 2_500;
    expect([isMade(), isMade()]).toEqual([true, false]);
    // However long nobody asks, no more is saved up.
    nowMs = 10_000_000;
    expect([1, 2, 3, 4, 5, 6].map(isMade)).toEqual([true, true, true, true, true, false]);
  });
});
