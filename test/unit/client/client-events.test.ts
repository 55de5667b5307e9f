import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type ClientEvents, emitState } from '../../../src/client/client-events.ts';
import type { StateEvent } from '../../../src/session/session-events.ts';
import { settled } from '../pipeline/pipelines.ts';

const LOST: StateEvent = { state: 'lost', sessionId: 7n, silentMs: 12_000 };

interface Scene {
  readonly emitter: EventEmitter<ClientEvents>;
  readonly thrown: [unknown, string][];
  emit(event: StateEvent, onState?: (event: StateEvent) => unknown): void;
}

function scene(): Scene {
  const emitter = new EventEmitter<ClientEvents>();
  const thrown: [unknown, string][] = [];
  return {
    emitter,
    thrown,
    emit: (event, onState) =>
      emitState(emitter, event, onState, (error, where) => void thrown.push([error, where])),
  };
}

describe('emitState', () => {
  it('tells onState, then who listens to all states, then who listens to this one', () => {
    const { emitter, emit } = scene();
    const told: unknown[] = [];
    emitter.on('lost', ({ silentMs }) => void told.push(['lost', silentMs]));
    emitter.on('state', (event) => void told.push(['state', event]));
    emitter.on('expired', () => void told.push('expired'));
    emit(LOST, (event) => told.push(['onState', event]));
    expect(told).toEqual([
      ['onState', LOST],
      ['state', LOST],
      ['lost', 12_000],
    ]);
  });

  it('tells everybody, whoever throws or rejects', async () => {
    const { emitter, thrown, emit } = scene();
    const told: string[] = [];
    const failing = (name: string) => () => {
      throw new Error(name);
    };
    emitter.on('state', failing('first'));
    emitter.on('state', async () => failing('async')());
    emitter.on('state', () => void told.push('state'));
    emitter.on('lost', failing('named'));
    emitter.on('lost', () => void told.push('lost'));
    emit(LOST, failing('onState'));
    await settled();
    expect(told).toEqual(['state', 'lost']);
    expect(thrown.map(([error, where]) => [(error as Error).message, where])).toEqual([
      ['onState', 'state lost'],
      ['first', 'state lost'],
      ['named', 'state lost'],
      ['async', 'state lost'],
    ]);
  });

  it('survives a report that throws, with a warning', async () => {
    const emitter = new EventEmitter<ClientEvents>();
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const explode = (): void => {
      throw new Error('in the report');
    };
    emitState(emitter, LOST, explode, explode);
    await settled();
    process.off('warning', onWarning);
    expect(warnings.map(({ name, message }) => [name, message])).toEqual([
      ['Error', 'in the report'],
    ]);
  });

  it('tells listeners as an emitter does: once, with itself as `this`, and those of the moment', async () => {
    const { emitter, emit } = scene();
    const told: string[] = [];
    emitter.once('lost', () => void told.push('once'));
    emitter.on('lost', function (this: unknown) {
      told.push(String(this === emitter));
      emitter.on('lost', () => void told.push('added'));
    });
    const awaited = once(emitter, 'state');
    emit(LOST);
    expect(told).toEqual(['once', 'true']);
    expect(await awaited).toEqual([LOST]);
    emit(LOST);
    expect(told).toEqual(['once', 'true', 'true', 'added']);
  });
});
