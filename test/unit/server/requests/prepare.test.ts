import { describe, expect, it } from 'vitest';
import {
  MULTI_CASES,
  MULTI_CASES_38,
  MULTI_CASES_39,
  RECONFIG_OFF_CASES,
  STRICT_CASES,
} from './multi-cases.ts';
import {
  ACL_CASES,
  MODE_CASES,
  PATH_CASES,
  PERMISSION_CASES,
  SYSTEM_CASES,
  VERSION_CASES,
  type WriteCase,
} from './write-cases.ts';
import { WriteModel } from './write-model.ts';

/** test/real/server-prepare.test.ts asks a real server the same. */
function outcomes(model: WriteModel, cases: readonly WriteCase[]): string[] {
  return cases.map(([user, request]) => model.write(user, request));
}

function expected(cases: readonly WriteCase[]): string[] {
  return cases.map(([, , outcome]) => outcome);
}

describe('prepare decides as a real server does', () => {
  it.each([
    ['paths', PATH_CASES],
    ['znodes of the server', SYSTEM_CASES],
    ['create modes', MODE_CASES],
    ['versions', VERSION_CASES],
    ['permissions', PERMISSION_CASES],
    ['ACLs', ACL_CASES],
    ['multis', MULTI_CASES],
    ['multis of 3.8', MULTI_CASES_38],
    ['reconfig', RECONFIG_OFF_CASES],
  ])('%s', (_, cases) => {
    expect(outcomes(new WriteModel(), cases)).toEqual(expected(cases));
  });

  it.each([
    ['multis', MULTI_CASES],
    ['multis of 3.9', MULTI_CASES_39],
  ])('%s, 3.9', (_, cases) => {
    expect(outcomes(new WriteModel({ release: '3.9' }), cases)).toEqual(expected(cases));
  });

  it('without extended types, with quotas', () => {
    const model = new WriteModel({
      extendedTypesEnabled: false,
      enforceQuota: true,
      reconfigEnabled: true,
    });
    expect(outcomes(model, STRICT_CASES)).toEqual(expected(STRICT_CASES));
  });
});
