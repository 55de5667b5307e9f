import { describe, expect, it } from 'vitest';
import { digestMd5 } from '../../../src/session/digest-md5.ts';
import { runSasl } from '../../../src/session/sasl.ts';
import { Random } from '../random.ts';
import { Identities } from './identities.ts';

const USERS = new Map([['ann', 'secret']]);

async function login(identities: Identities, password: string): Promise<string> {
  const mechanism = digestMd5({ user: 'ann', password });
  let refused = false;
  await runSasl(mechanism, { host: 'zk', port: 2181 }, (token) => {
    const { isRefused, token: answer } = identities.login(token);
    refused ||= isRefused;
    return Promise.resolve(answer);
  }).catch(() => {});
  return refused ? 'refused' : 'done';
}

describe('Identities', () => {
  it('takes who logs in with the right password, and nobody else', async () => {
    const right = new Identities(USERS, new Random(1));
    expect(await login(right, 'secret')).toBe('done');
    expect(right.list).toEqual([
      { scheme: 'ip', id: '127.0.0.1' },
      { scheme: 'sasl', id: 'ann' },
    ]);
    const wrong = new Identities(USERS, new Random(1));
    expect(await login(wrong, 'other')).toBe('refused');
    expect(wrong.list).toHaveLength(1);
  });

  it('answers without a token where there is no SASL', () => {
    const identities = new Identities(null, new Random(1));
    expect(identities.login(Buffer.alloc(0))).toEqual({
      isRefused: false,
      isOver: true,
      token: null,
    });
  });

  it('takes digests, and no other scheme', () => {
    const identities = new Identities(USERS, new Random(1));
    expect(identities.add({ type: 0, scheme: 'digest', auth: Buffer.from('bob:x') })).toBe(true);
    expect(identities.list[1]).toMatchObject({ scheme: 'digest' });
    expect(identities.add({ type: 0, scheme: 'kerberos', auth: null })).toBe(false);
  });
});
