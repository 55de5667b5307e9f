import { expect, it, vi } from 'vitest';
import { OP } from '../../../../src/codec/index.ts';
import { createServer } from '../../../../src/server/index.ts';
import { fourLetterWord } from '../../../../tools/zookeeper/four-letter-word.ts';
import { RawConnection } from '../../../differential/raw-connection.ts';
import { RawSession } from '../../../real/support/raw-session.ts';

const PATIENCE_MS = 60_000;

it('counts handshakes, reads, writes with begins and ends of sessions among them, and who was not let in', async () => {
  const options = { port: 0, fourLetterWords: '*', maxClientConnections: 2 } as const;
  await using server = await createServer(options);
  const port = server.port!;
  const first = await RawSession.open(port);
  const second = await RawSession.open(port);
  const third = new RawConnection(port, PATIENCE_MS);
  await third.ended();
  expect(third.closed).toBe(true);
  const look = await first.code(OP.exists, (writer) => {
    writer.ustring('/');
    writer.bool(false);
  });
  expect(look).toBe(0);
  await second.close();
  // There is room for whoever asks when the server has seen the connection go; until then more are not let in.
  const monitored = await vi.waitFor(async () => {
    const answer = await fourLetterWord(port, 'mntr');
    expect(answer).not.toBe('');
    return answer;
  }, PATIENCE_MS);
  const told = new Map(monitored.split('\n').map((line) => line.split('\t') as [string, string]));
  expect(Number(told.get('zk_connection_rejected'))).toBeGreaterThan(0);
  expect(told.get('zk_connection_request_count')).toBe('2');
  expect(told.get('zk_cnt_readlatency')).toBe('1');
  expect(told.get('zk_cnt_updatelatency')).toBe('3');
  expect([...told.keys()]).not.toContain('zk_response_bytes');
  await first.close();
});
