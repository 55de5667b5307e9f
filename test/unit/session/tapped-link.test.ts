import { describe, expect, it } from 'vitest';
import { SlabPool } from '../../../src/codec/index.ts';
import { LinkError } from '../../../src/errors.ts';
import { WireTap } from '../../../src/session/wire-tap.ts';
import {
  type ByteLink,
  type MemoryLinkPair,
  memoryLinkPair,
} from '../../../src/transport/index.ts';
import { dataReply } from '../pipeline/frames.ts';
import {
  getRequest,
  gists,
  greeted,
  HELLO,
  HOST,
  scene,
  sendOn,
  taker,
  WELCOME,
} from './wire-taps.ts';

/** The client's end of two links in memory, tapped. */
function tappedPair(): { pair: MemoryLinkPair; tapped: ByteLink; lines: string[] } {
  const pair = memoryLinkPair({ pool: new SlabPool({ poison: true }) });
  const lines: string[] = [];
  const tap = new WireTap({
    onLine: (line) => void lines.push(line),
    nowMs: () => 0,
    onCallbackError: () => {},
  });
  return { pair, tapped: tap.tap(pair.client), lines };
}

describe('a tapped link', () => {
  it('is the link: same peer, pool, queue, hint and ends', () => {
    const { link, tapped } = scene();
    const handler = taker();
    let offeredHint = -1;
    const start = link.start.bind(link);
    link.start = (given) => {
      offeredHint = given.wantedBytes;
      start(given);
    };
    tapped.start(handler);
    link.drain();
    tapped.end();
    expect([tapped.host, tapped.pool, tapped.queuedBytes]).toEqual([HOST, link.pool, 0]);
    expect([offeredHint, handler.offered, link.ending]).toEqual([12, ['drain'], true]);
  });

  it('shows bytes once that are offered again, to the same handler or to the next', () => {
    const { pair, tapped, lines } = tappedPair();
    const picky = taker(() => 0);
    pair.server.start(taker());
    tapped.start(picky);
    sendOn(tapped, HELLO, getRequest(1));
    sendOn(pair.server, WELCOME);
    pair.deliver();
    sendOn(pair.server, dataReply(1, 'x').subarray(0, 30));
    pair.deliver();
    const next = taker();
    tapped.start(next);
    sendOn(pair.server, dataReply(1, 'x').subarray(30));
    pair.deliver();
    expect(gists(lines)).toEqual([
      '> connect protocolVersion=0',
      '> #1 getData',
      '< connect ok',
      '< #1 getData',
    ]);
    expect(picky.offered.map((text) => text.length)).toEqual([41, 71]);
    expect(next.offered.map((text) => text.length)).toEqual([71, 63]);
  });

  it('holds its peer back when it is paused', () => {
    const { pair, tapped, lines } = tappedPair();
    tapped.start(taker());
    tapped.pause();
    sendOn(pair.server, WELCOME);
    pair.deliver();
    expect(lines).toEqual([]);
    tapped.resume();
    pair.deliver();
    expect(gists(lines)).toEqual(['< connect ok']);
  });

  it.each([
    ['end', (link: ByteLink) => link.end()],
    ['destroy', (link: ByteLink) => link.destroy(new LinkError('LINK_DESTROYED', HOST))],
  ] as const)('shows nothing that is written after %s: it does not leave', (_, over) => {
    const { link, lines, tapped, send } = greeted();
    send(getRequest(1));
    over(tapped);
    send(getRequest(2));
    expect(gists(lines)[0]).toBe('> #1 getData');
    expect(lines.join('\n')).not.toContain('#2');
    expect(link.pool.counters().outstanding).toBe(0);
  });

  it('tells its end once, and to every handler', () => {
    const { pair, tapped, lines } = tappedPair();
    const [first, second] = [taker(), taker()];
    tapped.start(first);
    tapped.destroy(new LinkError('PEER_SILENT', 'memory:server'));
    expect(lines).toEqual(['0.0ms memory:server c0 ended PEER_SILENT']);
    pair.deliver();
    tapped.start(second);
    expect([first.ends, second.ends]).toEqual([['PEER_SILENT'], ['PEER_SILENT']]);
    expect(lines).toHaveLength(1);
  });
});
