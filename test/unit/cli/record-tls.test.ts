import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode } from '../../../src/cli/decode.ts';
import { ProgressLine } from '../../../src/cli/progress-line.ts';
import { parseRecordRequest, record } from '../../../src/cli/record.ts';
import { RecordingProxy } from '../../../src/cli/recording-proxy.ts';
import { replay } from '../../../src/cli/replay/replay-command.ts';
import { connect } from '../../../src/client/index.ts';
import { createServer, type EmbeddedServer } from '../../../src/server/index.ts';
import { throwAwayCertificate } from '../transport/loopback.ts';
import type { Ran } from './run-here.ts';

const certificate = throwAwayCertificate();
if (certificate === null) console.warn('TLS is not tested: there is no openssl on this machine');

let directory = '';
let server: EmbeddedServer;
const file = (name: string): string => join(directory, name);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zkwire-record-tls-'));
  if (certificate === null) return;
  await writeFile(file('ca.pem'), certificate.cert);
  server = await createServer({ securePort: 0, tls: { ...certificate, requestCert: false } });
});

afterAll(async () => {
  await server?.close();
  await rm(directory, { recursive: true });
});

/** Records one connection to the server, with these options, while `use` is at the proxy. */
async function recorded(
  out: string,
  options: readonly string[],
  use: (address: string) => Promise<unknown>,
): Promise<Ran> {
  const to = `127.0.0.1:${server.securePort}`;
  const argv = ['--to', to, '--out', file(out), '--connections', '1', ...options];
  const request = parseRecordRequest(argv);
  if (request === null) throw new Error('no help was asked for');
  let [printed, err] = ['', ''];
  let used: Promise<unknown> = Promise.resolve();
  const code = await record(request, {
    out: (line) => {
      printed += line;
      used = use(line.trim());
    },
    err: (line) => {
      err += line;
    },
    progress: new ProgressLine({ write() {} }),
    stopSignal: new AbortController().signal,
  });
  await used;
  return { code, out: printed, err };
}

/** Runs decode or replay. */
async function run(command: typeof decode | typeof replay, ...argv: string[]): Promise<Ran> {
  const stdout = new PassThrough();
  const printed = text(stdout);
  let err = '';
  const code = await command(argv, {
    stdin: Readable.from([]),
    stdout,
    stderr: { write: (line: string) => (err += line) },
    stopSignal: new AbortController().signal,
  });
  stdout.end();
  return { code, out: await printed, err };
}

async function look(address: string, tls?: object): Promise<void> {
  const zk = await connect(address, { connectRounds: 1, ...(tls === undefined ? {} : { tls }) });
  await zk.exists('/');
  await zk.close();
}

describe.skipIf(certificate === null)('a recording of a server with TLS', () => {
  it('is in clear when the client speaks in clear to the proxy, and can be played again', async () => {
    const ran = await recorded('clear.json', ['--tls', '--ca', file('ca.pem')], look);
    expect(ran).toMatchObject({ code: 0, err: expect.stringContaining('1 connections to') });
    const { code, out } = await run(decode, file('clear.json'));
    expect([code, out]).toEqual([0, expect.stringContaining('#1 exists path="/" watch=false')]);
    const again = [file('clear.json'), `127.0.0.1:${server.securePort}`, '--ca', file('ca.pem')];
    expect(await run(replay, ...again)).toMatchObject({
      code: 0,
      out: expect.stringContaining('all as recorded'),
    });
  });

  it('cannot be decoded when the client speaks TLS, which record, decode and replay say', async () => {
    const ran = await recorded('hidden.json', [], (address) =>
      look(address, { ca: certificate?.cert }),
    );
    expect(ran.code).toBe(0);
    expect(ran.err).toContain('the client of connection 0 speaks TLS: what it says cannot be');
    const { code, err } = await run(decode, file('hidden.json'));
    expect([code, err]).toEqual([
      1,
      'zkwire decode: 2 of 2 frames could not be decoded\n' +
        'zkwire decode: TLS hides what was said on connection 0: let the client speak in clear to zkwire record --tls\n',
    ]);
    expect(await run(replay, file('hidden.json'), 'a:1')).toMatchObject({
      code: 2,
      err: expect.stringContaining('what its clients sent is TLS, and cannot be played'),
    });
  });

  it('is none when the certificate of the server is not trusted', async () => {
    const ran = await recorded('none.json', ['--tls'], (address) =>
      connect(address, { connectRounds: 1 }).catch(() => undefined),
    );
    expect(ran.err).toContain(`cannot connect to 127.0.0.1:${server.securePort}: self-signed`);
  });

  it('is none when the server wants a certificate, which it says behind the handshake of TLS 1.3', async () => {
    const strict = createTlsServer({ ...certificate, ca: certificate?.cert, requestCert: true });
    strict.on('error', () => undefined).listen(0, '127.0.0.1');
    await once(strict, 'listening');
    let end: (error: Error | undefined) => void = () => undefined;
    const ended = new Promise<Error | undefined>((resolve) => {
      end = resolve;
    });
    const proxy = await RecordingProxy.start({
      targetHost: '127.0.0.1',
      targetPort: (strict.address() as AddressInfo).port,
      targetTls: { ca: certificate?.cert },
      onConnectionEnd: (_, error) => end(error),
    });
    const client = connectSocket(Number(proxy.address.split(':')[1]), '127.0.0.1');
    client.on('error', () => undefined);
    expect(await ended).toMatchObject({ code: expect.stringMatching(/^ERR_SSL.*CERT/) });
    await proxy.stop();
    strict.close();
  });
});

it('says which file of TLS cannot be read, before it listens', async () => {
  const request = parseRecordRequest(['--to', 'a:1', '--out', file('x'), '--ca', file('gone')]);
  const io = { out() {}, err() {}, progress: new ProgressLine({ write() {} }) };
  const stopSignal = AbortSignal.abort();
  await expect(record(request!, { ...io, stopSignal })).rejects.toThrow(/^--ca .*gone: /);
  expect(() => parseRecordRequest(['--to', 'a:1', '--out', 'x', '--key', 'k'])).toThrow(
    '--cert and --key are needed together',
  );
});
