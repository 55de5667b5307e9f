import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decode } from '../../../src/cli/decode.ts';
import { RECORDED_EXCHANGES } from '../codec/recorded-exchanges.ts';

let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zkwire-read-capture-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const RECORDS = RECORDED_EXCHANGES.flatMap(({ frames }) => frames).map(({ dir, hex }, index) => ({
  conn: 0,
  dir,
  t_ms: index + 0.25,
  hex,
}));

async function captureFile(content: unknown): Promise<string> {
  const file = join(directory, 'capture.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

class Sink extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

/** What `zkwire decode` makes of it: it reads as `zkwire replay` does. */
async function run(argv: string[], input = ''): Promise<{ code: number; out: Sink; err: Sink }> {
  const [out, err] = [new Sink(), new Sink()];
  const code = await decode(argv, { stdin: Readable.from([input]), stdout: out, stderr: err });
  return { code, out, err };
}

describe('files that are no captures', () => {
  it.each([
    ['no object', '[]', /not a capture: it is a list\n/],
    ['null', 'null', /not a capture: it is no object\n/],
    ['no records', '{}', /not a capture: it has no list "records"\n/],
    ['records of another kind', '{"records":{}}', /it has no list "records"\n/],
    ['text', '# Notes\n\nof a day', /not a capture: line 1, column 1 is not JSON\n/],
    ['a comma too many', '{"records": [\n  {},\n]}', /line 3, column 1 is not JSON\n/],
    [
      'records line by line',
      '{"conn":0}\n{"conn":0}\n',
      /line 2 begins another JSON value: one object/,
    ],
    ['no bytes', '', /not a capture but empty: 'zkwire record' writes what it has when it ends\n/],
    ['spaces', ' \n\n', /not a capture but empty/],
    ['a record of another kind', '{"records":[null]}', /records\[0\] is not an object/],
    ['no conn', [{ dir: 'c2s', hex: '' }], /records\[1\]\.conn must be an integer from 0/],
    ['a negative conn', [{ conn: -1, dir: 'c2s', hex: '' }], /records\[1\]\.conn/],
    ['a wrong dir', [{ conn: 0, dir: 'up', hex: '' }], /records\[1\]\.dir must be "c2s" or "s2c"/],
    ['no hex', [{ conn: 0, dir: 'c2s' }], /records\[1\]\.hex must be an even number of hex digits/],
    ['half a byte', [{ conn: 0, dir: 'c2s', hex: '0' }], /records\[1\]\.hex/],
    ['no hex digits', [{ conn: 0, dir: 'c2s', hex: '0x' }], /records\[1\]\.hex/],
    ['a time in words', [{ conn: 0, dir: 'c2s', hex: '', t_ms: 'now' }], /records\[1\]\.t_ms/],
  ])('says so for %s', async (_name, content, message) => {
    const capture = Array.isArray(content) ? { records: [RECORDS[0], ...content] } : content;
    const { code, err } = await run([await captureFile(capture)]);
    expect(code).toBe(2);
    expect(err.text).toMatch(/^zkwire decode: /);
    expect(err.text).toMatch(message);
  });

  it.each([
    [
      'packets',
      'd4c3b2a1020004000000000000000000',
      /packets, as tcpdump and Wireshark keep them: record/,
    ],
    ['packets, another way', '0a0d0d0a1c0000004d3c2b1a', /packets/],
    ['gzip', '1f8b0800000000000003ab', /compressed: unpack it before, with gzip -d\n/],
    ['zstd', '28b52ffd2400', /with zstd -d\n/],
    ['a transaction log', '5a4b4c470000000200000000', /a transaction log of ZooKeeper's/],
    ['a snapshot', '5a4b534e0000000200000000', /a snapshot of ZooKeeper's/],
    ['UTF-16', 'fffe7b000a00', /UTF-16: a capture is in UTF-8\n/],
    ['other bytes', '7f454c46020101000000', /not a capture but binary: a capture is text\n/],
  ])('says what it is: %s', async (_name, hex, message) => {
    const file = join(directory, 'capture.json');
    await writeFile(file, Buffer.from(hex, 'hex'));
    const { code, err, out } = await run([file]);
    expect([code, out.text]).toEqual([2, '']);
    expect(err.text).toMatch(/^zkwire decode: .*\/capture\.json: not a capture but /);
    expect(err.text).toMatch(message);
    expect(err.text).toContain('\n  {"records": [{"conn": 0, "dir": "c2s", "t_ms": 0.5, "hex": "');
    expect(err.text).toMatch(/\n'zkwire record --to HOST:PORT --out FILE' makes one .*\n$/);
  });

  it('says where a capture is cut off, wherever that is', async () => {
    const whole = JSON.stringify({ records: RECORDS.slice(0, 2) }, null, 1);
    const inLine = (text: string): number => text.split('\n').length;
    for (let end = 1; end < whole.length; end++) {
      const text = whole.slice(0, end);
      // A number may end there.
      if (text.endsWith('.')) continue;
      const { code, err } = await run(['-'], text);
      const where = `cut off: it ends in line ${inLine(text)}, before its JSON does`;
      expect([code, err.text]).toEqual([
        2,
        `zkwire decode: standard input: ${where}; get the rest of it, or record anew\n`,
      ]);
    }
  });

  it('reads a capture that begins with a byte order mark', async () => {
    const { code, out } = await run(['-'], `\ufeff${JSON.stringify({ records: RECORDS })}`);
    expect([code, out.lines.length]).toEqual([0, RECORDS.length]);
  });

  it('prints what came before the wrong record', async () => {
    const { out } = await run([await captureFile({ records: [RECORDS[0], {}] })]);
    expect(out.lines).toHaveLength(1);
  });

  it('says so for a file that is missing, and for a directory', async () => {
    const missing = await run([join(directory, 'missing.json')]);
    expect(missing.code).toBe(2);
    expect(missing.err.text).toMatch(
      /missing\.json: no such file \('zkwire record' writes it when the recording ends\)\n$/,
    );
    const folder = await run([directory]);
    expect(folder.code).toBe(2);
    expect(folder.err.text).toMatch(/is a directory: name the capture file in it\n$/);
  });

  it('names standard input', async () => {
    const { code, err } = await run(['-'], 'nonsense');
    expect(code).toBe(2);
    expect(err.text).toMatch(
      /^zkwire decode: standard input: not a capture: line 1, column 1 is not JSON\n/,
    );
  });
});
