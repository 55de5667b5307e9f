import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Id, Stat } from '../../src/codec/index.ts';
import { maskedAcl } from '../../src/server/auth/masked-acl.ts';
import { PERMISSION } from '../../src/server/auth/permissions.ts';
import type { WriteOptions } from '../../src/server/requests/write-request.ts';
import type { ServerRelease } from '../../src/server/server-release.ts';
import { statOf, type ZNode } from '../../src/server/tree/znode.ts';
import {
  type ServerOptions,
  startServer,
  type ZooKeeperServer,
} from '../../tools/zookeeper/index.ts';
import {
  ACL_CASES,
  CREDENTIALS,
  MODE_CASES,
  MULTI_CASES,
  MULTI_CASES_38,
  MULTI_CASES_39,
  PATH_CASES,
  PERMISSION_CASES,
  RECONFIG_OFF_CASES,
  STRICT_CASES,
  SUPER_DIGEST,
  SYSTEM_CASES,
  type User,
  VERSION_CASES,
  type WriteCase,
} from '../unit/server/requests/write-cases.ts';
import { WriteModel } from '../unit/server/requests/write-model.ts';
import { RawWriter } from './support/raw-writes.ts';
import { describeReal } from './support/real-zookeeper.ts';

const USERS = Object.keys(CREDENTIALS) as User[];

/** A real server and a tree that is written to as it is. */
class Twins implements AsyncDisposable {
  readonly server: ZooKeeperServer;
  readonly model: WriteModel;
  readonly writers: Readonly<Record<User, RawWriter>>;

  private constructor(
    server: ZooKeeperServer,
    model: WriteModel,
    writers: Readonly<Record<User, RawWriter>>,
  ) {
    this.server = server;
    this.model = model;
    this.writers = writers;
  }

  static async start(options: ServerOptions, modelOptions: Partial<WriteOptions>): Promise<Twins> {
    const server = await startServer({
      fastStart: true,
      superDigest: SUPER_DIGEST,
      configLines: ['forceSync=no'],
      // No container or TTL node goes meanwhile.
      jvmFlags: ['-Dznode.container.checkIntervalMs=3600000'],
      ...options,
    });
    const release: ServerRelease = server.version.startsWith('3.9') ? '3.9' : '3.8';
    const model = new WriteModel({ ...modelOptions, release });
    const writers = {} as Record<User, RawWriter>;
    for (const user of USERS) {
      const writer = await RawWriter.open(server, CREDENTIALS[user]);
      writers[user] = writer;
      model.users[user].sessionId = writer.sessionId;
      model.zxid = writer.zxid;
    }
    return new Twins(server, model, writers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const user of USERS) await this.writers[user].close();
    await this.server.stop();
  }

  /** What the real server answers to each; the model does the same, and must agree. */
  async outcomes(cases: readonly WriteCase[]): Promise<string[]> {
    const outcomes: string[] = [];
    for (const [user, request] of cases) {
      const writer = this.writers[user];
      const real = await writer.write(request);
      const ours = this.model.write(user, request);
      expect.soft(ours, `case ${outcomes.length}`).toBe(real);
      // Where it answers -5 nothing may come of the zxid that it has taken.
      if (real !== '-5') expect.soft(writer.zxid, `case ${outcomes.length}`).toBe(this.model.zxid);
      outcomes.push(real);
    }
    return outcomes;
  }

  /** Children and Stat of every znode are the same on both sides. */
  async expectSameTree(): Promise<void> {
    for (const path of allPaths(this.model)) {
      const node = this.model.tree.node(path)!;
      const { names, stat } = await this.writers.super.children(path);
      expect.soft(node.childNames, path).toEqual(names);
      expect.soft(timeless(statOf(node)), path).toEqual(timeless(stat));
    }
  }

  /** Everybody sees the same ACL of every znode on both sides, or none. */
  async expectSameAcls(): Promise<void> {
    for (const path of allPaths(this.model)) {
      for (const user of USERS) {
        const ours = this.#shownAcl(this.model.tree.node(path)!, this.model.users[user].ids.list);
        expect.soft(ours, `${path} for ${user}`).toEqual(await this.writers[user].getAcl(path));
      }
    }
  }

  #shownAcl({ acl }: ZNode, ids: readonly Id[]) {
    const { access } = this.model;
    if (!access.allows(acl, PERMISSION.READ | PERMISSION.ADMIN, ids)) return null;
    return access.allows(acl, PERMISSION.ADMIN, ids) ? acl : maskedAcl(acl);
  }
}

function allPaths({ tree }: WriteModel): string[] {
  const paths = ['/'];
  for (let index = 0; index < paths.length; index++) {
    const parent = paths[index]!;
    for (const name of tree.node(parent)!.childNames) {
      paths.push(`${parent === '/' ? '' : parent}/${name}`);
    }
  }
  return paths;
}

function timeless(stat: Stat): Stat {
  return { ...stat, ctime: 0n, mtime: 0n };
}

function expected(cases: readonly WriteCase[]): string[] {
  return cases.map(([, , outcome]) => outcome);
}

describeReal('writes on a real server and as prepare decides about them', () => {
  describe('of a common server', () => {
    let twins: Twins;

    beforeAll(async () => {
      twins = await Twins.start({ extendedTypesEnabled: true }, {});
    }, 60_000);

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
  }, 60_000);
});
