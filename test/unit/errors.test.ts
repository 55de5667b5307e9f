import { describe, expect, it } from 'vitest';
import { TransactionError } from '../../src/client/transaction.ts';
import {
  AUTH_ERROR_CODES,
  AuthError,
  CONNECT_ERROR_CODES,
  ConnectError,
  LINK_ERROR_CODES,
  LinkError,
  REQUEST_ERROR_CODES,
  RequestError,
  type RequestFailure,
  StorageError,
  WIRE_ERROR_CODES,
  WireError,
  ZkwireError,
} from '../../src/errors.ts';

const origin = { settledXid: 7, host: 'zk1:2181' };
const failure: RequestFailure = { code: 'NONODE', outcome: 'rejected', operation: 'getData' };

describe('ZkwireError', () => {
  it.each<[string, ZkwireError]>([
    ['ZkwireError', new ZkwireError('CODE', 'text')],
    ['WireError', new WireError('TRUNCATED', 3, 'text')],
    ['RequestError', new RequestError(failure)],
    ['ConnectError', new ConnectError('ABORTED', undefined)],
    ['LinkError', new LinkError('LINK_CLOSED', 'zk1:2181')],
    ['AuthError', new AuthError({ code: 'SASL_FAILED', scheme: 'DIGEST-MD5' })],
    ['StorageError', new StorageError('BAD_HEADER', 'log.1', 0)],
  ])('is the base of %s, which carries its name and a stack', (name, error) => {
    expect(error).toBeInstanceOf(ZkwireError);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe(name);
    expect(String(error)).toBe(`${name}: ${error.message}`);
    expect(error.stack).toContain(error.message);
    expect(ZkwireError.is(error)).toBe(true);
  });

  it('is told from other things, also across copies of the package', () => {
    for (const other of [null, undefined, 1, 'text', {}, new Error('x'), Object.create(null)]) {
      expect(ZkwireError.is(other)).toBe(false);
    }
    class OtherCopy extends Error {}
    Object.defineProperty(OtherCopy.prototype, Symbol.for('zkwire.ZkwireError'), { value: true });
    expect(ZkwireError.is(new OtherCopy())).toBe(true);
  });

  it('is told from its own kinds, and they from each other, also by what extends them', () => {
    const link = new LinkError('LINK_CLOSED', 'zk1:2181');
    const refused = new RequestError(failure);
    const multi = new TransactionError([{ op: 'delete', path: '/a' }], [-101], 0, origin);
    const told = [link, refused, multi].map((error) =>
      [ZkwireError, LinkError, RequestError, TransactionError].map((type) => type.is(error)),
    );
    expect(told).toEqual([
      [true, true, false, false],
      [true, false, true, false],
      [true, false, true, true],
    ]);
    // What an editor knows of an error after the question.
    const caught: unknown = refused;
    if (RequestError.is(caught)) expect(caught.outcome).toBe('rejected');
  });

  it('gives an `is` that can be handed on, and sees errors of other copies through it', () => {
    const link = new LinkError('LINK_CLOSED', 'zk1:2181');
    const refused = new RequestError(failure);
    const requests: RequestError[] = [link, refused].filter(RequestError.is);
    expect(requests).toEqual([refused]);
    class OtherCopy extends Error {}
    Object.defineProperty(OtherCopy.prototype, Symbol.for('zkwire.TransactionError'), {
      value: true,
    });
    const types = [TransactionError, LinkError];
    expect(types.map((type) => type.is(new OtherCopy()))).toEqual([true, false]);
  });

  it('has codes that say what they mean', () => {
    for (const codes of [
      WIRE_ERROR_CODES,
      REQUEST_ERROR_CODES,
      CONNECT_ERROR_CODES,
      LINK_ERROR_CODES,
      AUTH_ERROR_CODES,
    ]) {
      for (const [code, meaning] of Object.entries(codes)) {
        expect(code).toMatch(/^[A-Z][A-Z_]+$/);
        expect(meaning.length).toBeGreaterThan(10);
      }
    }
  });
});

describe('WireError', () => {
  it('names the byte', () => {
    const cause = new Error('below');
    const error = new WireError('BAD_LENGTH', 12, 'a length of -2', { cause });
    expect(error.message).toBe('a length of -2 (at byte 12 of the frame)');
    expect(error).toMatchObject({ code: 'BAD_LENGTH', offset: 12, cause });
  });
});

describe('RequestError', () => {
  it('carries all that is known, in its fields and its message', () => {
    const cause = new LinkError('LINK_CLOSED', 'zk1:2181');
    const error = new RequestError({
      ...failure,
      serverCode: -101,
      path: '/a "b"',
      xid: 7,
      host: 'zk1:2181',
      cause,
    });
    expect(error).toMatchObject({
      code: 'NONODE',
      outcome: 'rejected',
      operation: 'getData',
      serverCode: -101,
      path: '/a "b"',
      xid: 7,
      host: 'zk1:2181',
      cause,
    });
    expect(error.message).toBe('getData "/a \\"b\\"": NONODE (-101); outcome rejected [zk1:2181]');
  });

  it('says what it can when little is known', () => {
    const error = new RequestError({ ...failure, code: 'ABORTED', outcome: 'not-sent' });
    expect(error.message).toBe(
      'getData: ABORTED: the AbortSignal of the request fired; outcome not-sent',
    );
    expect('cause' in error).toBe(false);
    expect(error.xid).toBeUndefined();
  });

  it('prefers a detail to the meaning of the code', () => {
    const error = new RequestError({ ...failure, code: 'BAD_ARGUMENT' }, 'path must start with /');
    expect(error.message).toContain('BAD_ARGUMENT: path must start with /;');
  });
});

describe('ConnectError', () => {
  it('says the meaning of its code, or a detail, and where', () => {
    expect(new ConnectError('CONNECT_TIMEOUT', undefined).message).toBe(
      `CONNECT_TIMEOUT: ${CONNECT_ERROR_CODES.CONNECT_TIMEOUT}`,
    );
    const cause = new Error('below');
    const error = new ConnectError('CONNECT_FAILED', 'zk1:2181', 'refused', cause);
    expect(error.message).toBe('CONNECT_FAILED: refused [zk1:2181]');
    expect(error).toMatchObject({ code: 'CONNECT_FAILED', host: 'zk1:2181', cause });
    const link = new LinkError('LINK_FAILED', 'zk1:2181', new Error('refused\n'));
    expect(new ConnectError('CONNECT_FAILED', 'zk1:2181', link.message).message).toBe(
      'CONNECT_FAILED: the socket reported an error: refused [zk1:2181]',
    );
    expect(new ConnectError('CONNECT_FAILED', 'zk1:2181', error.message).message).toBe(
      error.message,
    );
  });
});

describe('LinkError', () => {
  it('says why, with the words of its cause', () => {
    const cause = new Error('read ECONNRESET');
    expect(new LinkError('LINK_FAILED', 'zk1:2181', cause)).toMatchObject({
      code: 'LINK_FAILED',
      host: 'zk1:2181',
      cause,
      message: 'the socket reported an error: read ECONNRESET [zk1:2181]',
    });
    const plain = new LinkError('LINK_CLOSED', 'zk1:2181');
    expect(plain.message).toBe('the peer closed the connection [zk1:2181]');
    expect('cause' in plain).toBe(false);
    expect(new LinkError('LINK_DESTROYED', 'zk1:2181', 'why').cause).toBe('why');
  });
});

describe('AuthError', () => {
  it('says whose authentication failed, where and why', () => {
    const cause = new Error('below');
    const error = new AuthError({
      code: 'AUTH_REFUSED',
      scheme: 'foo',
      host: 'zk1:2181',
      serverCode: -115,
      cause,
    });
    expect(error).toMatchObject({ scheme: 'foo', host: 'zk1:2181', serverCode: -115, cause });
    expect(error.message).toBe(
      `foo: AUTH_REFUSED (-115): ${AUTH_ERROR_CODES.AUTH_REFUSED} [zk1:2181]`,
    );
  });

  it('says what it can when little is known', () => {
    const error = new AuthError({ code: 'SASL_FAILED', scheme: 'X' }, 'no ticket');
    expect(error.message).toBe('X: SASL_FAILED: no ticket');
    expect(new AuthError({ code: 'AUTH_REQUIRED', serverCode: -124 }).message).toBe(
      `AUTH_REQUIRED (-124): ${AUTH_ERROR_CODES.AUTH_REQUIRED}`,
    );
    expect('cause' in error).toBe(false);
  });
});
