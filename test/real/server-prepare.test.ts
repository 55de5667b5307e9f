import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  MULTI_CASES,
  MULTI_CASES_38,
  MULTI_CASES_39,
  RECONFIG_OFF_CASES,
  STRICT_CASES,
} from '../unit/server/requests/multi-cases.ts';
import {
  ACL_CASES,
  MODE_CASES,
  PATH_CASES,
  PERMISSION_CASES,
  SYSTEM_CASES,
  VERSION_CASES,
  type WriteCase,
} from '../unit/server/requests/write-cases.ts';
import { create } from '../unit/server/requests/write-requests.ts';
import { RandomWrites } from './support/random-writes.ts';
import { describeApache } from './support/real-zookeeper.ts';
import { Twins, USERS } from './support/write-twins.ts';

/** Of the random writes; the same in each run unless asked for otherwise. */
const SEED = Number(process.env.ZKWIRE_TEST_SEED ?? 20_260_101);
const RANDOM_WRITES = 1_500;

function shown(request: unknown): string {
  return inspect(request, { depth: 4, breakLength: Number.POSITIVE_INFINITY });
}

function expected(cases: readonly WriteCase[]): string[] {
  return cases.map(([, , outcome]) => outcome);
}

describeApache('writes on a real server and as prepare decides about them', () => {
  describe('of a common server', () => {
    let twins: Twins;

    beforeAll(async () => {
      twins = await Twins.start({ extendedTypesEnabled: true }, {});
    });

    afterAll(() => twins?.[Symbol.asyncDispose]());

    it.each([
      // First, since it counts the children of the root.
      ['paths', PATH_CASES],
      ['znodes of the server', SYSTEM_CASES],
      ['create modes', MODE_CASES],
      ['versions', VERSION_CASES],
      ['permissions', PERMISSION_CASES],
      ['ACLs', ACL_CASES],
      ['multis', MULTI_CASES],
      ['reconfig', RECONFIG_OFF_CASES],
    ])('%s', async (_, cases) => {
      expect(await twins.outcomes(cases)).toEqual(expected(cases));
    });

    it('multis of the release', async () => {
      const cases = twins.model.options.release === '3.8' ? MULTI_CASES_38 : MULTI_CASES_39;
      expect(await twins.outcomes(cases)).toEqual(expected(cases));
    });

    it('whatever comes', async () => {
      const root = '/random';
      await twins.outcome('anon', create(root), 'root');
      const random = new RandomWrites(SEED, root);
      for (let index = 0; index < RANDOM_WRITES; index++) {
        const [user, request] = random.next();
        await twins.outcome(user, request, `seed ${SEED}, write ${index}: ${shown(request)}`);
      }
    });

    it('leads to the same tree', () => twins.expectSameTree());

    it('leads to the same ACLs, in the same order', () => twins.expectSameAcls());

    it('knows identities in the same order', async () => {
      for (const user of USERS) {
        const ours = twins.model.access.clientInfos(twins.model.users[user].ids.list);
        const shown = ours.map(({ authScheme, user: name }) => `${authScheme}:${name}`);
        expect(shown).toEqual(await twins.writers[user].whoAmI());
      }
    });
  });

  it('without extended types, with quotas', async () => {
    await using twins = await Twins.start(
      { enforceQuota: true, reconfigEnabled: true },
      { extendedTypesEnabled: false, enforceQuota: true, reconfigEnabled: true },
    );
    expect(await twins.outcomes(STRICT_CASES)).toEqual(expected(STRICT_CASES));
    await twins.expectSameTree();
  });
});
