import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { LineDriver } from './line-driver.ts';

const OUT_MARK = 'printwatches is on';
const ERR_MARK = 'Command index out of range';

/** A program that prints what it is told to, whatever it is given. */
function scripted(out: readonly string[]): LineDriver {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdout.write(out.map((line) => `${line}\n`).join(''));
  stderr.write(`${ERR_MARK}\n${ERR_MARK}\n`);
  return new LineDriver({ stdin, stdout, stderr, exitCode: Promise.resolve(0) });
}

describe('LineDriver', () => {
  it('gives each line what was printed of it', async () => {
    const driver = scripted(['[a, b]', OUT_MARK, 'data', OUT_MARK]);
    expect(await driver.run('ls /')).toEqual({ line: 'ls /', out: ['[a, b]'], err: [] });
    expect(await driver.run('get /a')).toEqual({ line: 'get /a', out: ['data'], err: [] });
  });

  it('leaves out what the mark itself makes zkCli.sh say without a session', async () => {
    const driver = scripted([OUT_MARK, 'Not connected', 'Not connected', OUT_MARK]);
    expect(await driver.run('close')).toEqual({ line: 'close', out: [], err: [] });
    expect(await driver.run('ls /')).toEqual({ line: 'ls /', out: ['Not connected'], err: [] });
  });

  it('leaves it out too where the event of the close is printed late, before it', async () => {
    const watcher = ['', 'WATCHER::'];
    const event = ['', 'WatchedEvent state:Closed type:None path:null'];
    for (const late of [
      [...watcher, ...event, 'Not connected', 'Not connected'],
      [...watcher, 'Not connected', ...event, 'Not connected'],
      ['Not connected', ...watcher, 'Not connected', ...event],
    ]) {
      const driver = scripted([OUT_MARK, ...late, OUT_MARK]);
      expect(await driver.run('close')).toEqual({ line: 'close', out: [], err: [] });
      expect(await driver.run('ls /')).toEqual({ line: 'ls /', out: ['Not connected'], err: [] });
      expect(driver.events).toEqual(['Closed None null']);
    }
  });
});
