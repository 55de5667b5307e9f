import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { type JuteWriter, OP, writeAuthPacket } from '../../src/codec/index.ts';
import { createServer } from '../../src/server/index.ts';
import { fourLetterWord } from '../../tools/zookeeper/four-letter-word.ts';
import { startServer } from '../../tools/zookeeper/index.ts';
import { RawSession } from './support/raw-session.ts';
import { describeApache } from './support/real-zookeeper.ts';

const WORDS =
  'cons crst cons dump gtmk hash isro ruok srvr stat wchc wchp wchs srst srvr conf dirs envi mntr';

/** The same little history, and what each word says behind it. */
async function answers(connectString: string): Promise<string[]> {
  const port = Number(connectString.split(':')[1]);
  await using zk = await connect(connectString, { sessionTimeoutMs: 10_000 });
  await zk.create('/a', 'x');
  await zk.create('/ü', 'y', { mode: 'ephemeral' });
  await zk.get('/a');
  await zk.exists('/none');
  await zk.get('/none').catch(() => undefined);
  await zk.watch('/ü');
  const told: string[] = [];
  for (const word of WORDS.split(' ')) told.push(`${word}\n${await fourLetterWord(port, word)}`);
  return told;
}

/** What differs from run to run and from machine to machine. */
function masked(answer: string): string {
  const [word] = answer.split('\n');
  const text = answer
    .replace(/0x1[0-9a-f]{14}\b/g, 'SESSION')
    .replace(/127\.0\.0\.1:\d+/g, 'PEER')
    .replace(/\b(est|lresp|llat|minlat|avglat|maxlat)=\d+/g, '$1=N')
    // A session may have come from one bucket into the next meanwhile.
    .replace(/^0 expire at .*\n/gm, '')
    .replace(/Sets \(\d+\)/g, 'Sets (N)')
    .replace(/expire at .*:/g, 'expire at DATE:')
    .replace(/min\/avg\/max: \d+\/\d+\.\d+\/\d+/, 'min/avg/max: N')
    .replace(/^(Received|Sent): \d+$/gm, '$1: N')
    .replace(/^Zookeeper version: 3\.8\.0-.*, built on .*$/m, 'VERSION');
  if (word === 'dump') return text.split('Connections dump:')[0] ?? '';
  if (word === 'cons' || word === 'stat') return text.split('\n').sort().join('\n');
  if (word === 'conf' || word === 'dirs' || word === 'envi') return text.replace(/[=:].*/g, '');
  return text;
}

/** Requests of every kind that counts differently; what is counted of them, and of their connections. */
async function counted(port: number): Promise<string[]> {
  const told: string[] = [];
  const connections = async (): Promise<void> => {
    const cons = await fourLetterWord(port, 'cons');
    told.push(...(cons.match(/\b(?:lop|lcxid|lzxid)=\w+/g) ?? []));
  };
  const first = await RawSession.open(port);
  await connections();
  const auth = (writer: JuteWriter): void =>
    writeAuthPacket(writer, 0, 'digest', Buffer.from('u:p'));
  told.push(String(await first.code(OP.auth, auth)));
  await connections();
  const path = (writer: JuteWriter): void => {
    writer.ustring('/none/x');
    writer.int(-1);
  };
  for (const op of [OP.exists, OP.delete, OP.sync]) {
    told.push(String(await first.code(op, path)));
    await connections();
  }
  for (const op of [OP.setData, OP.multi, OP.reconfig]) {
    told.push(String(await first.code(op, (writer) => writer.int(77))));
  }
  await first.reconnect();
  await connections();
  told.push(String(await first.code(OP.auth, auth)));
  await connections();
  told.push(String(await first.code(OP.exists, path)));
  await connections();
  await first.reconnect();
  await fourLetterWord(port, 'crst');
  await connections();
  const second = await RawSession.open(port);
  told.push(String(await second.code(77, () => {})));
  const third = await RawSession.open(port);
  await third.close();
  const numbers = await fourLetterWord(port, 'mntr');
  told.push(...(numbers.match(/^zk_cnt_(?:update|read)latency\t\d+/gm) ?? []));
  await first.close();
  return told;
}

describeApache('four-letter words of the server and of a real one', () => {
  it('say the same of the same history', async () => {
    await using real = await startServer({ fastStart: true });
    await using ours = await createServer({ port: 0, fourLetterWords: '*' });
    const [theirs, told] = [await answers(real.connectString), await answers(ours.connectString)];
    for (const [index, answer] of told.entries()) {
      if (answer.startsWith('mntr')) continue;
      expect(masked(answer)).toBe(masked(theirs[index] ?? ''));
    }
    const names = (text: string | undefined): string[] => text?.match(/^zk_\w+/gm) ?? [];
    const known = new Set(names(theirs.at(-1)));
    const named = names(told.at(-1));
    expect(named.filter((name) => !known.has(name))).toEqual([]);
    expect([...known].filter((name) => named.includes(name))).toEqual(named);
  });

  it('count the same reads and writes of the same requests', async () => {
    await using real = await startServer({ fastStart: true });
    await using ours = await createServer({ port: 0, fourLetterWords: '*' });
    const theirs = await counted(Number(real.connectString.split(':')[1]));
    expect(await counted(ours.port ?? 0)).toEqual(theirs);
  });
});

describe('four-letter words', () => {
  it('are not answered when they are not in the whitelist', async () => {
    await using server = await createServer({ port: 0 });
    const port = server.port ?? 0;
    expect(await fourLetterWord(port, 'ruok')).toBe(
      'ruok is not executed because it is not in the whitelist.\n',
    );
    expect(await fourLetterWord(port, 'srvr')).toMatch(/\nMode: standalone\nNode count: 5\n$/);
  });
});
