import { describe, expect, it } from 'vitest';
import { ConformanceFailure, ExcusedCheck } from '../../../src/conform/failure.ts';
import { checkResult } from '../../../src/conform/result.ts';

const CHECK = { id: 'area/name', title: 'a title', source: 'a source', meaning: 'a meaning' };
const SAID = { durationMs: 7, transcript: ['a line'] };

describe('checkResult', () => {
  it('passes when nothing was thrown, excused or not', () => {
    const passed = { check: CHECK, outcome: 'pass', durationMs: 7 };
    expect(checkResult(CHECK, { ...SAID, error: undefined }, undefined)).toEqual(passed);
    expect(checkResult(CHECK, { ...SAID, error: undefined }, 'known')).toEqual(passed);
  });

  it('excuses a check that cannot be made, with its own reason', () => {
    const error = new ExcusedCheck('no such server');
    expect(checkResult(CHECK, { ...SAID, error }, 'known')).toEqual({
      check: CHECK,
      outcome: 'excused',
      durationMs: 7,
      reason: 'no such server',
    });
  });

  it('fails, or excuses what is known, with what was said', () => {
    const error = new ConformanceFailure('wanted 1, got 2');
    const failed = { check: CHECK, durationMs: 7, failure: error.message, transcript: ['a line'] };
    const end = { ...SAID, error };
    expect(checkResult(CHECK, end, undefined)).toEqual({ ...failed, outcome: 'fail' });
    expect(checkResult(CHECK, end, 'known')).toEqual({
      ...failed,
      outcome: 'excused',
      reason: 'known',
    });
  });

  it('shows where a fault of the check itself comes from', () => {
    const { failure } = checkResult(CHECK, { ...SAID, error: new TypeError('oops') }, undefined);
    expect(failure).toMatch(/^TypeError: oops\n +at /);
  });
});
