import { expect } from 'vitest';
import type { ACL, Id, Stat } from '../../../src/codec/index.ts';
import { maskedAcl } from '../../../src/server/auth/masked-acl.ts';
import { PERMISSION } from '../../../src/server/auth/permissions.ts';
import type { WriteRequest } from '../../../src/server/requests/prepare.ts';
import type { WriteOptions } from '../../../src/server/requests/write-request.ts';
import type { ServerRelease } from '../../../src/server/server-release.ts';
import { statOf, type ZNode } from '../../../src/server/tree/znode.ts';
import {
  type ServerOptions,
  startServer,
  type ZooKeeperServer,
} from '../../../tools/zookeeper/index.ts';
import {
  CREDENTIALS,
  SUPER_DIGEST,
  type User,
  type WriteCase,
} from '../../unit/server/requests/write-cases.ts';
import { WriteModel } from '../../unit/server/requests/write-model.ts';
import { RawWriter } from './raw-writes.ts';

export const USERS = Object.keys(CREDENTIALS) as User[];

/** A real server and a tree that is written to as it is. */
export class Twins implements AsyncDisposable {
  readonly server: ZooKeeperServer;
  readonly model: WriteModel;
  readonly writers: Readonly<Record<User, RawWriter>>;

  #isZxidOpen = false;

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
      outcomes.push(await this.outcome(user, request, `case ${outcomes.length}`));
    }
    return outcomes;
  }

  /** The same of one request. */
  async outcome(user: User, request: WriteRequest, name: string): Promise<string> {
    const writer = this.writers[user];
    const real = await writer.write(request);
    if (this.#isZxidOpen) this.model.zxid = writer.zxid - 1n;
    const ours = this.model.write(user, request);
    expect.soft(ours, name).toBe(real);
    // Releases and kinds of -5 differ in whether it takes a zxid; the next answer shows.
    this.#isZxidOpen = real === '-5';
    if (!this.#isZxidOpen) expect.soft(writer.zxid, name).toBe(this.model.zxid);
    return real;
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

  #shownAcl({ acl }: ZNode, ids: readonly Id[]): readonly ACL[] | null {
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
