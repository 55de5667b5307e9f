import { describe, expect, it } from 'vitest';
import { LogWriter } from '../ensemble/log-writer.ts';
import type { NodeState } from '../ensemble/node-state.ts';
import { HelperScene } from './helper-scene.ts';

const gone = (node: NodeState | null): boolean => node === null;
const says =
  (text: string) =>
  (node: NodeState | null): boolean =>
    node?.data?.toString() === text;

/** /a is one (1 ms), two (2), gone (3); /b is made (4). */
function written(): LogWriter {
  const log = new LogWriter();
  log.create('/a', 'one');
  log.set('/a', 'two');
  log.delete('/a');
  log.create('/b', 'one');
  return log;
}

describe('HelperScene', () => {
  it('knows the states between what the session had seen and the end', () => {
    const { history } = written();
    const [first] = history.log;
    const scene = new HelperScene(history, true, first!.zxid, 2);
    expect(scene.was('/a', says('one'))).toBe(true);
    expect(scene.was('/a', says('two'))).toBe(true);
    expect(scene.was('/a', gone)).toBe(false);
    expect(scene.was('/b', says('one'))).toBe(false);
    const all = new HelperScene(history, true, 0, 9);
    expect(all.was('/a', gone)).toBe(true);
    expect(new HelperScene(history, true, history.zxid, 9).was('/a', says('two'))).toBe(false);
  });

  it('begins anew with another session', () => {
    const { history } = written();
    expect(new HelperScene(history, false, history.zxid, 9).was('/a', says('one'))).toBe(true);
  });

  it('goes through the states in one direction', () => {
    const order = new HelperScene(written().history, true, 0, 9).order();
    expect(order.meets('/a', gone)).toBe(true);
    expect(order.meets('/a', says('one'))).toBe(true);
    expect(order.meets('/a', says('two'))).toBe(true);
    expect(order.meets('/b', gone)).toBe(true);
    expect(order.meets('/a', says('one'))).toBe(false);
    expect(order.meets('/b', says('one'))).toBe(true);
    expect(order.meets('/a', says('two'))).toBe(false);
    expect(order.meets('/a', gone)).toBe(true);
  });

  it('counts what was written meanwhile', () => {
    const { history } = written();
    const scene = new HelperScene(history, true, history.log[0]!.zxid, 3);
    expect(scene.written(() => true)).toBe(2);
    expect(scene.written(({ request }) => request.kind === 'delete')).toBe(1);
  });
});
