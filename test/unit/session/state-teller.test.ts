import { describe, expect, it } from 'vitest';
import type { StateEvent } from '../../../src/session/session-events.ts';
import { StateTeller } from '../../../src/session/state-teller.ts';
import { ScriptedNetwork } from './scripted-network.ts';

const CLOSED: StateEvent = { state: 'closed', reason: null };
const CONNECTING: StateEvent = { state: 'connecting', host: 'a:1' };

/** A teller that notes when each event began to be told and when it was told; `listener` is called in between. */
function noting(listener: (teller: StateTeller, event: StateEvent) => unknown) {
  const notes: string[] = [];
  const thrown: [unknown, string][] = [];
  const teller: StateTeller = new StateTeller({
    onState: (event) => {
      notes.push(`to ${event.state}`);
      const result = listener(teller, event);
      notes.push(`${event.state} told`);
      return result;
    },
    onCallbackError: (error, where) => void thrown.push([error, where]),
  });
  return { teller, notes, thrown };
}

describe('StateTeller', () => {
  it('tells what a listener sets off when all have heard the event at hand', () => {
    const { teller, notes } = noting((own, { state }) => {
      if (state === 'connecting') own.tell(CLOSED);
    });
    teller.tell(CONNECTING);
    expect(notes).toEqual(['to connecting', 'connecting told', 'to closed', 'closed told']);
  });

  it('goes on when a listener throws, and tells what that one had set off', () => {
    const boom = new Error('boom');
    const { teller, notes, thrown } = noting((own, { state }) => {
      if (state !== 'connecting') return;
      own.tell(CLOSED);
      throw boom;
    });
    teller.tell(CONNECTING);
    teller.tell(CONNECTING);
    expect(notes.filter((note) => note.startsWith('to'))).toEqual([
      'to connecting',
      'to closed',
      'to connecting',
      'to closed',
    ]);
    expect(thrown).toEqual([
      [boom, 'connecting'],
      [boom, 'connecting'],
    ]);
  });

  it('tells of a loss once, and of the next one when the session was back', () => {
    const { teller, notes } = noting(() => {});
    const told = (): string[] => notes.splice(0).filter((note) => note.startsWith('to'));
    teller.tellLost(7n, 100);
    teller.tellLost(7n, 200);
    expect(told()).toEqual(['to lost']);
    const session = { host: 'a:1', sessionId: 7n, sessionTimeoutMs: 100, resumed: true };
    teller.tell({ state: 'session', readOnly: false, ...session });
    teller.tellLost(7n, 100);
    expect(told()).toEqual(['to session', 'to lost']);
  });
});

it('a session that is closed by one of two listeners is told in the same order to both', async () => {
  const heard: [string[], string[]] = [[], []];
  const network: ScriptedNetwork = new ScriptedNetwork('a:1,b:1', {
    onState: ({ state }) => {
      heard[0].push(state);
      if (state === 'disconnected') void network.session.close();
      heard[1].push(state);
    },
  });
  await network.attempt.accept();
  await network.attempt.over();
  expect(heard[0].slice(-2)).toEqual(['disconnected', 'closed']);
  expect(heard[1]).toEqual(heard[0]);
});
