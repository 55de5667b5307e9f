import { describe, expect, it } from 'vitest';
import { AuthError, RequestError } from '../../../src/errors.ts';
import { runSasl, type SaslExchange, type SaslMechanism } from '../../../src/session/sasl.ts';

const context = { host: '::1', port: 2181 };
const HOST = '[::1]:2181';

/** A mechanism of somebody else's. */
function mechanismOf(exchange: Partial<SaslExchange>, begun: unknown[] = []): SaslMechanism {
  return {
    name: 'X-TEST',
    begin: (given) => {
      begun.push(given);
      return { start: () => Uint8Array.of(0), step: () => null, ...exchange };
    },
  };
}

async function failureOf(run: Promise<void>): Promise<AuthError> {
  const error: unknown = await run.then(
    () => expect.unreachable('it succeeded'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AuthError);
  expect(error).toMatchObject({ scheme: 'X-TEST', host: HOST });
  return error as AuthError;
}

const never = (): Promise<never> => new Promise(() => {});

describe('runSasl', () => {
  it('hands tokens to and fro, one round after the other, until the mechanism is satisfied', async () => {
    const log: string[] = [];
    const begun: unknown[] = [];
    const mechanism = mechanismOf(
      {
        start: () => Uint8Array.of(1),
        step: async (challenge) => {
          log.push(`step ${challenge}`);
          return challenge === null ? null : Uint8Array.of(challenge[0]! + 1);
        },
      },
      begun,
    );
    await runSasl(mechanism, context, async (token) => {
      log.push(`send ${token}`);
      return token[0]! < 5 ? Uint8Array.of(token[0]! + 1) : null;
    });
    expect(log).toEqual([
      'send 1',
      'step 2',
      'send 3',
      'step 4',
      'send 5',
      // The server has nothing to add to the last token, as with GSSAPI.
      'step null',
    ]);
    expect(begun).toEqual([context]);
  });

  it('goes on 16 rounds at most', async () => {
    let sent = 0;
    const mechanism = mechanismOf({ step: () => Uint8Array.of(0) });
    const run = runSasl(mechanism, context, async () => {
      sent++;
      return Uint8Array.of(0);
    });
    expect((await failureOf(run)).message).toContain('no end after 16 rounds');
    expect(sent).toBe(16);
  });

  it.each([-115, -124, -6])('says that the server refused with %i', async (serverCode) => {
    const refusal = new RequestError({
      code: 'AUTHFAILED',
      serverCode,
      outcome: 'rejected',
      operation: 'sasl',
    });
    const error = await failureOf(runSasl(mechanismOf({}), context, () => Promise.reject(refusal)));
    expect(error).toMatchObject({ code: 'SASL_REFUSED', serverCode, cause: refusal });
  });

  it('leaves what happened to the connection as it is', async () => {
    const loss = new RequestError({
      code: 'CONNECTION_LOSS',
      outcome: 'unknown',
      operation: 'sasl',
    });
    await expect(runSasl(mechanismOf({}), context, () => Promise.reject(loss))).rejects.toBe(loss);
    const sync = runSasl(mechanismOf({}), context, () => {
      throw loss;
    });
    await expect(sync).rejects.toBe(loss);
  });

  it.each<[string, SaslMechanism, (error: unknown) => void]>([
    [
      'when it begins',
      {
        name: 'X-TEST',
        begin: () => {
          throw new Error('own');
        },
      },
      () => {},
    ],
    [
      'when it starts',
      mechanismOf({
        start: () => {
          throw new Error('own');
        },
      }),
      () => {},
    ],
    ['later', mechanismOf({ start: () => Promise.reject(new Error('own')) }), () => {}],
    [
      'in a step',
      mechanismOf({
        step: () => {
          throw new Error('own');
        },
      }),
      () => {},
    ],
  ])('says that the mechanism failed %s', async (_, mechanism) => {
    const error = await failureOf(runSasl(mechanism, context, async () => null));
    expect(error).toMatchObject({ code: 'SASL_FAILED', cause: new Error('own') });
  });

  it("leaves a mechanism's own AuthError as it is", async () => {
    const own = new AuthError({ code: 'SASL_SERVER_UNPROVEN', scheme: 'X-TEST', host: HOST });
    const mechanism = mechanismOf({ step: () => Promise.reject(own) });
    expect(await failureOf(runSasl(mechanism, context, async () => null))).toBe(own);
  });

  it.each([
    ['no bytes', 'text', 'must be a Uint8Array, not string'],
    ['no first token', null, 'must be a Uint8Array, not object'],
    ['too many bytes', new Uint8Array(65_537), 'a token of 65537 bytes, the limit is 65536'],
  ])('refuses a token of %s', async (_, token, message) => {
    const mechanism = mechanismOf({ start: () => token as Uint8Array });
    const run = runSasl(mechanism, context, () => expect.unreachable('it was sent'));
    const error = await failureOf(run);
    expect([error.code, error.message]).toEqual(['SASL_FAILED', expect.stringContaining(message)]);
  });

  it('refuses an endless challenge before the mechanism sees it', async () => {
    const mechanism = mechanismOf({ step: () => expect.unreachable('it was shown') });
    const run = runSasl(mechanism, context, async () => new Uint8Array(65_537));
    const error = await failureOf(run);
    expect([error.code, error.message]).toEqual([
      'SASL_BAD_CHALLENGE',
      expect.stringContaining('65537 bytes'),
    ]);
  });

  it.each<[string, Partial<SaslExchange>, () => Promise<null>]>([
    ['the mechanism', { start: never }, async () => null],
    ['a later step', { step: never }, async () => null],
    ['the server', {}, never],
  ])('does not wait for %s when the attempt is over', async (_, exchange, send) => {
    const attempt = new AbortController();
    const { signal } = attempt;
    const run = runSasl(mechanismOf(exchange), { ...context, signal }, send);
    setImmediate(() => attempt.abort(new Error('over')));
    await expect(run).rejects.toThrow('over');
    await expect(runSasl(mechanismOf({}), { ...context, signal }, send)).rejects.toThrow('over');
  });

  it('leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener.apply(signal, args);
    };
    await runSasl(mechanismOf({}), { ...context, signal }, async () => null);
    await new Promise((resolve) => setImmediate(resolve));
    expect(listeners).toBe(0);
  });
});
