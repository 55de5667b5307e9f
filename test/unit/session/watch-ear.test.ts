import { describe, expect, it } from 'vitest';
import { EVENT_TYPE } from '../../../src/codec/watch-names.ts';
import { type WatchEar, type WatchEvent, WatchRegistry } from '../../../src/session/index.ts';

class Ear implements WatchEar {
  readonly heard: string[] = [];
  hear(event: WatchEvent): void {
    this.heard.push(`${event.type} ${event.path}`);
  }
}

describe('a listener that is an object', () => {
  it('hears what a function hears, as itself, and is one listener however often it is added', () => {
    const registry = new WatchRegistry('', () => {});
    const ear = new Ear();
    const told: string[] = [];
    registry.add('persistent', '/a', ear);
    registry.add('data', '/a', ear);
    registry.add('data', '/a', (event) => void told.push(event.type));
    registry.dispatch(EVENT_TYPE.NodeDataChanged, '/a', null);
    registry.dispatch(EVENT_TYPE.NodeDeleted, '/a', null);
    expect(ear.heard).toEqual(['NodeDataChanged /a', 'NodeDeleted /a']);
    expect(told).toEqual(['NodeDataChanged']);
    expect(registry.endListener('/a', ear, 'removed', null)).toBe(true);
    expect(ear.heard.at(-1)).toBe('Ended /a');
    expect(registry.sizes.paths).toBe(0);
  });

  it('is reported when it throws, or when the promise that it gave is rejected', async () => {
    const errors: string[] = [];
    const registry = new WatchRegistry('', (error, where) => void errors.push(`${error} ${where}`));
    const failing: WatchEar = {
      hear(event) {
        if (event.type === 'NodeCreated') throw 'thrown';
        return Promise.reject('rejected');
      },
    };
    registry.add('persistent', '/a', failing);
    registry.dispatch(EVENT_TYPE.NodeCreated, '/a', null);
    registry.dispatch(EVENT_TYPE.NodeDeleted, '/a', null);
    await Promise.resolve();
    expect(errors).toEqual(['thrown watch /a', 'rejected watch /a']);
  });
});
