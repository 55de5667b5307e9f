import { describe, expect, it } from 'vitest';
import { PendingRing } from '../../../src/pipeline/pending-ring.ts';

const settle = (): void => {};

function push(ring: PendingRing, xid: number): number {
  return ring.push(xid, 4, xid + 100, `/n${xid}`, () => xid, settle, settle);
}

/** Xids from head to tail, as the arrays hold them. */
function xidsOf(ring: PendingRing): number[] {
  return Array.from({ length: ring.size }, (_, age) => ring.xids[(ring.head + age) & ring.mask]!);
}

describe('PendingRing', () => {
  it('keeps order while head and tail go round', () => {
    const ring = new PendingRing();
    for (let xid = 1; xid <= 40; xid++) push(ring, xid);
    for (let round = 41; round <= 400; round++) {
      ring.shift();
      push(ring, round);
    }
    expect(ring.mask).toBe(63);
    expect(xidsOf(ring)).toEqual(Array.from({ length: 40 }, (_, index) => 361 + index));
  });

  it('grows by doubling only when it is full', () => {
    const ring = new PendingRing();
    for (let xid = 1; xid <= 64; xid++) push(ring, xid);
    expect(ring.mask).toBe(63);
    push(ring, 65);
    expect([ring.mask, ring.size]).toEqual([127, 65]);
  });

  it.each([2 ** 31 - 1, 2 ** 31 - 30, -(2 ** 31), -5])(
    'grows across the wrap of sequence numbers that start at %i',
    (start) => {
      const ring = new PendingRing();
      ring.head = start;
      ring.tail = start;
      const signal = new AbortController().signal;
      const sequences: number[] = [];
      for (let xid = 1; xid <= 300; xid++) {
        const sequence = push(ring, xid);
        sequences.push(sequence);
        if (xid === 10) ring.setDeadline(sequence, 1234);
        if (xid === 20) ring.setSignal(sequence, signal);
      }
      expect(ring.size).toBe(300);
      expect(ring.mask).toBe(511);
      expect(xidsOf(ring)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
      expect(sequences).toEqual(Array.from({ length: 300 }, (_, index) => (start + index) | 0));
      const slots = sequences.map((sequence) => sequence & ring.mask);
      expect(slots.map((slot) => ring.frameBytes[slot])).toEqual(
        Array.from({ length: 300 }, (_, index) => index + 101),
      );
      expect(ring.paths[slots[299]!]).toBe('/n300');
      const deadlines = slots.map((slot) => ring.deadlinesMs![slot]);
      expect(deadlines.filter((deadline) => deadline !== Number.POSITIVE_INFINITY)).toEqual([1234]);
      expect(deadlines[9]).toBe(1234);
      expect(slots.map((slot) => ring.signals![slot]).indexOf(signal)).toBe(19);
      expect(ring.signals!.filter((held) => held === signal)).toHaveLength(1);
    },
  );

  it('gives a used slot no deadline of its predecessor', () => {
    const ring = new PendingRing();
    ring.setDeadline(push(ring, 1), 5);
    ring.shift();
    for (let xid = 2; xid <= 65; xid++) push(ring, xid);
    expect(ring.deadlinesMs![64 & ring.mask]).toBe(Number.POSITIVE_INFINITY);
  });

  it('knows who waits: not those before the head, dropped, or not yet there', () => {
    const ring = new PendingRing();
    const [first, second, third] = [push(ring, 1), push(ring, 2), push(ring, 3)] as const;
    ring.shift();
    ring.dropWaiter(second);
    expect([first, second, third, third + 1].map((s) => ring.isWaiting(s))).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect(ring.size).toBe(2);
  });

  it('holds nothing of a request that has left', () => {
    const ring = new PendingRing();
    push(ring, 1);
    ring.shift();
    expect([ring.settles[0], ring.rejects[0], ring.decodes[0], ring.paths[0]]).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});
