import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { createServer } from '../../src/server/index.ts';
import { fourLetterWord } from '../../tools/zookeeper/four-letter-word.ts';
import { startServer } from '../../tools/zookeeper/index.ts';
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
