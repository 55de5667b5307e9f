import { describe, expect, it } from 'vitest';
import { OP } from '../../../../src/codec/index.ts';
import { lastOperation } from '../../../../src/server/words/last-operation.ts';
import {
  ConnectionStatistics,
  NumberStatistics,
  ServerStatistics,
} from '../../../../src/server/words/statistics.ts';

describe('NumberStatistics', () => {
  it('is 0 all over while there is nothing', () => {
    const { count, sum, min, max, mean, wholeMean } = new NumberStatistics();
    expect([count, sum, min, max, mean, wholeMean]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('counts whole numbers', () => {
    const numbers = new NumberStatistics();
    numbers.add(3.9);
    numbers.add(1, 2);
    numbers.add(2);
    expect(numbers).toMatchObject({ count: 4, sum: 7, min: 1, max: 3, mean: 1.75, wholeMean: 1 });
    numbers.reset();
    numbers.add(5);
    expect(numbers).toMatchObject({ count: 1, sum: 5, min: 5, max: 5, mean: 5 });
  });

  it('rounds its mean to four digits', () => {
    const numbers = new NumberStatistics();
    numbers.add(2);
    numbers.add(0, 2);
    expect(numbers.mean).toBe(0.6667);
  });
});

describe('ConnectionStatistics', () => {
  it('keeps the last answer, and the xid of the last request of the client itself', () => {
    const statistics = new ConnectionStatistics();
    statistics.responded(7, 5n, 'GETD', 100.2, 103.9);
    statistics.responded(-2, 6n, 'PING', 110, 110.4);
    expect(statistics).toMatchObject({
      cxid: 7,
      zxid: 6n,
      operation: 'PING',
      respondedMs: 110,
      latencyMs: 0,
    });
    expect(statistics.latency).toMatchObject({ count: 2, max: 3 });
  });

  it('begins with other values than those behind a reset, as a real server', () => {
    const statistics = new ConnectionStatistics();
    expect(statistics).toMatchObject({ cxid: 0, zxid: 0n, operation: 'null' });
    statistics.responded(7, 5n, 'GETD', 100, 103);
    expect(statistics.minLatencyMs).toBe(0);
    statistics.reset();
    expect(statistics).toMatchObject({ cxid: -1, zxid: -1n, operation: 'NA', minLatencyMs: 0 });
    statistics.responded(8, 6n, 'GETD', 110, 114);
    expect(statistics.minLatencyMs).toBe(4);
  });
});

describe('ServerStatistics', () => {
  it('counts reads and writes apart and together', () => {
    const statistics = new ServerStatistics();
    statistics.responded(false, 10, 12);
    statistics.responded(true, 10, 20);
    // A clock that went back.
    statistics.responded(true, 10, 9);
    expect(statistics.latency).toMatchObject({ count: 2, sum: 12 });
    expect(statistics.readLatency).toMatchObject({ count: 1, sum: 2 });
    expect(statistics.updateLatency).toMatchObject({ count: 1, sum: 10 });
  });

  it('forgets everything', () => {
    const statistics = new ServerStatistics();
    statistics.packetsReceived = 1;
    statistics.packetsSent = 1;
    statistics.responded(true, 1, 2);
    statistics.responded(false, 1, 2);
    statistics.counts.connection_rejected = 1;
    statistics.reset();
    expect(statistics).toEqual(new ServerStatistics());
  });
});

describe('lastOperation', () => {
  it('has the names of a real server', () => {
    expect(lastOperation(OP.getData)).toBe('GETD');
    expect(lastOperation(OP.createTTL)).toBe('CREA');
    expect(lastOperation(OP.getAllChildrenNumber)).toBe('GETACN');
    expect(lastOperation(4711)).toBe('NA');
  });
});
