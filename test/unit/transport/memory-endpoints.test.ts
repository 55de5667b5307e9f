import { afterEach, describe, expect, it } from 'vitest';
import { LinkError } from '../../../src/errors.ts';
import {
  type ByteLink,
  dialInMemory,
  isMemoryHost,
  listenInMemory,
} from '../../../src/transport/index.ts';

const endings: (() => void)[] = [];

function listen(name: string): ByteLink[] {
  const accepted: ByteLink[] = [];
  endings.push(listenInMemory(name, (link) => accepted.push(link)));
  return accepted;
}

afterEach(() => {
  for (const end of endings.splice(0)) end();
});

function failure(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('servers of this process', () => {
  it('are told from hosts that have a port', () => {
    expect(isMemoryHost('memory:a')).toBe(true);
    expect(isMemoryHost('memory:')).toBe(true);
    expect(isMemoryHost('memory:2181')).toBe(false);
    expect(isMemoryHost('memory')).toBe(false);
    expect(isMemoryHost('memory:a b')).toBe(false);
  });

  it('are found by name', () => {
    const one = listen('one');
    const other = listen('other');
    expect(dialInMemory('memory:other').host).toBe('memory:other');
    expect([one.length, other.length]).toEqual([0, 1]);
  });

  it('need no name when there is one', () => {
    const only = listen('only');
    dialInMemory('memory:');
    expect(only).toHaveLength(1);
  });

  it('must be named when there are several', () => {
    listen('one');
    listen('other');
    const error = failure(() => dialInMemory('memory:')) as LinkError;
    expect(error).toBeInstanceOf(LinkError);
    expect(error.code).toBe('LINK_FAILED');
    expect((error.cause as Error).message).toBe(
      'several servers: name one of memory:one, memory:other',
    );
  });

  it('cannot be reached when they are gone', () => {
    const end = listenInMemory('gone', () => undefined);
    end();
    const error = failure(() => dialInMemory('memory:gone')) as LinkError;
    expect((error.cause as Error).message).toBe('no server of this process is memory:gone');
  });

  it('are heard to the last byte before they hang up, with what that sets off', async () => {
    const accepted = listen('one');
    const link = dialInMemory('memory:one');
    const heard: string[] = [];
    link.start({
      wantedBytes: 0,
      onBytes: (_slab, _start, end) => {
        // A chain of promises, as behind a decoded reply.
        void Promise.resolve()
          .then(() => undefined)
          .then(() => undefined)
          .then(() => heard.push('answered'));
        return end;
      },
      onDrain: () => undefined,
      onEnd: () => heard.push('ended'),
    });
    const server = accepted[0] as ByteLink;
    server.write(server.pool.acquire(), 0, 10);
    server.end();
    await expect.poll(() => heard).toEqual(['answered', 'ended']);
  });

  it('have names of their own', () => {
    listen('one');
    expect(failure(() => listenInMemory('one', () => undefined))).toBeInstanceOf(RangeError);
    expect(failure(() => listenInMemory('2181', () => undefined))).toBeInstanceOf(RangeError);
  });
});
