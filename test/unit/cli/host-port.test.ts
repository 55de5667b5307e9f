import { describe, expect, it } from 'vitest';
import { hostPortText, readHostPort, serverAddress } from '../../../src/cli/host-port.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';

describe('readHostPort', () => {
  it.each([
    ['localhost:2181', { host: 'localhost', port: 2181 }],
    ['10.0.0.1:0', { host: '10.0.0.1', port: 0 }],
    ['[::1]:65535', { host: '::1', port: 65_535 }],
  ])('reads %s', (text, address) => {
    expect(readHostPort(text)).toEqual(address);
  });

  it.each(['', 'host', 'host:', ':2181', 'host:65536', 'host:x', '::1:2181', '[::1]'])(
    'refuses %j',
    (text) => {
      expect(readHostPort(text)).toBeNull();
    },
  );
});

describe('hostPortText', () => {
  it.each(['localhost:2181', '[::1]:65535'])('is what was read: %s', (text) => {
    expect(hostPortText(readHostPort(text)!)).toBe(text);
  });
});

describe('serverAddress', () => {
  it('is one to connect to', () => {
    expect(serverAddress('host:1')).toEqual({ host: 'host', port: 1 });
  });

  it.each([
    [undefined, "the server's HOST:PORT is missing"],
    ['host:0', "the server's HOST:PORT is not 'host:0'"],
    ['', "the server's HOST:PORT is not ''"],
  ])('%j is none', (text, message) => {
    let thrown: unknown;
    try {
      serverAddress(text);
    } catch (error) {
      thrown = error;
    }
    expect([thrown instanceof UsageError, (thrown as Error).message]).toEqual([true, message]);
  });
});
