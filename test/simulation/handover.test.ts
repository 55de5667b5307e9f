import { describe, expect, it } from 'vitest';
import { SessionTicket } from '../../src/client/index.ts';
import { LogWriter } from './ensemble/log-writer.ts';
import { Handover } from './handover.ts';
import { Violations } from './oracles/violations.ts';
import { Trace } from './trace.ts';

const password = Buffer.alloc(16, 1);
const TICKET = new SessionTicket({
  sessionId: 5n,
  password,
  lastZxidSeen: 7n,
  lastXid: 3,
  sessionTimeoutMs: 1000,
});

function faultsOf(between: (log: LogWriter) => void): string[] {
  const log = new LogWriter();
  const handover = new Handover(log.history);
  log.create('/a', 'mine', { session: 5n });
  handover.left(TICKET);
  between(log);
  handover.resumed(5n, log.history.log.length);
  log.closeSession(5n);
  const violations = new Violations(new Trace(() => 0), () => 0);
  handover.check(violations);
  expect(handover.resumes).toBe(1);
  return violations.list.map(({ text }) => text);
}

describe('Handover', () => {
  it('gives what was offered, once, in order', () => {
    const handover = new Handover(new LogWriter().history);
    expect(handover.take()).toBe(null);
    handover.offer(TICKET);
    const taken = handover.take();
    expect(taken?.sessionId).toBe(5n);
    expect(taken?.password).toEqual(password);
    expect(handover.take()).toBe(null);
    expect(handover.resumes).toBe(0);
  });

  it('is content when nothing happens on the way, and when others delete', () => {
    expect(faultsOf(() => {})).toEqual([]);
    expect(faultsOf((log) => log.delete('/a'))).toEqual([]);
    expect(faultsOf((log) => log.closeSession(6n))).toEqual([]);
  });

  it('finds a session that was closed on its way, and the nodes that went with it', () => {
    const faults = faultsOf((log) => log.closeSession(5n));
    expect(faults).toEqual([
      expect.stringContaining('session 5 was closed'),
      expect.stringContaining('/a of session 5 has gone'),
    ]);
  });
});
