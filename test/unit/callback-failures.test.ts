import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { callGuarded, reportRejection, tellCallbackError } from '../../src/callback-failures.ts';
import { settled } from './pipeline/pipelines.ts';

/** What becomes a process warning while `work` runs. */
async function warningsOf(work: () => void): Promise<string[]> {
  const warnings: string[] = [];
  const listen = ({ name, message }: Error): void => void warnings.push(`${name}: ${message}`);
  process.on('warning', listen);
  work();
  await settled();
  await settled();
  process.off('warning', listen);
  return warnings;
}

describe('reportRejection', () => {
  it.each([
    ['a promise', (): unknown => Promise.reject(new Error('boom'))],
    ['a promise of another realm', (): unknown => runInNewContext("Promise.reject(Error('boom'))")],
  ])('tells of %s that is rejected', async (_, make) => {
    const told: unknown[] = [];
    reportRejection(make(), (error) => told.push((error as Error).message));
    await settled();
    expect(told).toEqual(['boom']);
  });

  it('tells of nothing else, and begins no work', async () => {
    const told: unknown[] = [];
    let begun = false;
    const lazy = Object.defineProperty({}, 'then', { get: () => (begun = true) });
    for (const result of [undefined, null, 7, 'x', {}, lazy, Promise.resolve(new Error('x'))]) {
      reportRejection(result, (error) => told.push(error));
    }
    await settled();
    expect(told).toEqual([]);
    expect(begun).toBe(false);
  });
});

it('callGuarded reports what is thrown now and what is thrown later', async () => {
  const told: unknown[] = [];
  const report = (error: unknown): void => void told.push(error);
  callGuarded(() => {
    throw 'now';
  }, report);
  callGuarded(async () => {
    throw 'later';
  }, report);
  callGuarded(() => 'fine', report);
  await settled();
  expect(told).toEqual(['now', 'later']);
});

describe('tellCallbackError', () => {
  it('tells the handler', async () => {
    const told: unknown[] = [];
    const tell = (): void => tellCallbackError((...args) => told.push(args), 'boom', 'getData');
    expect(await warningsOf(tell)).toEqual([]);
    expect(told).toEqual([['boom', 'getData']]);
  });

  it('warns when there is no handler, and of what a handler throws', async () => {
    const second = new Error('second');
    const warnings = await warningsOf(() => {
      tellCallbackError(undefined, 'alone', 'x');
      tellCallbackError(undefined, Object.create(null), 'x');
      tellCallbackError(undefined, Symbol('s'), 'x');
      tellCallbackError(
        () => {
          throw second;
        },
        'boom',
        'x',
      );
      tellCallbackError(() => Promise.reject(new Error('third')), 'boom', 'x');
    });
    expect(warnings).toEqual([
      'ZkwireCallbackError: alone',
      'ZkwireCallbackError: [Object: null prototype] {}',
      'ZkwireCallbackError: Symbol(s)',
      'Error: second',
      'Error: third',
    ]);
  });
});
