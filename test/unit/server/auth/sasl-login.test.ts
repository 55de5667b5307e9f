import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AuthError, connect, digestMd5, type SaslMechanism } from '../../../../src/client/index.ts';
import {
  createServer,
  type EmbeddedServer,
  type ServerOptions,
} from '../../../../src/server/index.ts';
import { DIGEST_USERS } from './digest-answer.ts';

const bob = digestMd5({ user: 'bob', password: DIGEST_USERS.bob });
const wrong = digestMd5({ user: 'bob', password: 'guess' });
const users = DIGEST_USERS;
const servers: EmbeddedServer[] = [];

async function serve(options: ServerOptions): Promise<EmbeddedServer> {
  const server = await createServer({ port: 0, ...options });
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** What a client becomes of, as the test beside the real server has it. */
async function refusal(server: EmbeddedServer, sasl: SaslMechanism) {
  const error: unknown = await connect(server.connectString, { sasl }).then(
    () => expect.unreachable('it connected'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AuthError);
  const { code, serverCode } = error as AuthError;
  return { code, serverCode };
}

async function codeOf(answer: Promise<unknown>): Promise<string> {
  return await answer.then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );
}

describe('logging in with SASL', () => {
  it.each(Object.entries(users))('lets %s in, whom ACLs then know', async (user, password) => {
    const server = await serve({ sasl: { users } });
    await using zk = await connect(server.connectString, { sasl: digestMd5({ user, password }) });
    expect(await zk.whoAmI()).toContainEqual({ scheme: 'sasl', user });
    await zk.create('/x', 'x', { acl: [{ perms: 31, id: { scheme: 'sasl', id: user } }] });
    expect((await zk.get('/x')).data?.toString()).toBe('x');
    await using nobody = await connect(server.connectString);
    expect(await codeOf(nobody.get('/x'))).toBe('NOAUTH');
  });

  it('refuses, and ends the connection', async () => {
    const server = await serve({ sasl: { users } });
    const refused = { code: 'SASL_REFUSED', serverCode: -115 };
    expect(await refusal(server, wrong)).toEqual(refused);
    const eve = digestMd5({ user: 'eve', password: users.bob });
    expect(await refusal(server, eve)).toEqual(refused);
  });

  it('refuses in the words of a real server, and hangs up', async () => {
    const url = new URL('../../../fixtures/sessions/java-sasl-refused.json', import.meta.url);
    const { records } = JSON.parse(readFileSync(url, 'utf8')) as {
      records: { dir: string; hex: string }[];
    };
    const bytesOf = (wanted: string): Buffer[] =>
      records.filter(({ dir }) => dir === wanted).map(({ hex }) => Buffer.from(hex, 'hex'));
    const server = await serve({ sasl: { users } });
    const socket = connectTcp({ port: server.port as number, host: '127.0.0.1' });
    // The nonce is another now, so the recorded response would be wrong in any case.
    for (const request of bytesOf('c2s').slice(0, 3)) socket.write(request);
    const heard: Buffer[] = [];
    socket.on('data', (bytes) => heard.push(bytes));
    await once(socket, 'end');
    const recorded = bytesOf('s2c').at(-1) as Buffer;
    expect(Buffer.concat(heard).subarray(-recorded.length)).toEqual(recorded);
    socket.destroy();
  });

  it('is required where the server says so', async () => {
    const server = await serve({ sasl: { users, required: true, allowFailedClients: true } });
    const refused = { code: 'SASL_REFUSED', serverCode: -124 };
    expect(await refusal(server, wrong)).toEqual(refused);
    await using zk = await connect(server.connectString, { sasl: bob });
    expect(await codeOf(zk.get('/'))).toBe('ok');
    const nobody = await connect(server.connectString);
    expect(await codeOf(nobody.get('/'))).toBe('SESSIONCLOSEDREQUIRESASLAUTH');
    await nobody.close();
  });

  it('may fail where the server says so, and proves nothing to the client then', async () => {
    const server = await serve({ sasl: { users, allowFailedClients: true } });
    const unproven = { code: 'SASL_SERVER_UNPROVEN', serverCode: undefined };
    expect(await refusal(server, wrong)).toEqual(unproven);
  });

  it('is not offered without users', async () => {
    const server = await serve({});
    const missing = { code: 'SASL_NOT_OFFERED', serverCode: undefined };
    expect(await refusal(server, bob)).toEqual(missing);
  });
});
