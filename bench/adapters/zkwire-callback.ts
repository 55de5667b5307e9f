import { connect } from 'zkwire';
import type { Adapter } from './adapter.ts';
import { zkwireVersion } from './zkwire-version.ts';

/**
 * zkwire's callback API: bytes are lent until the callback returns, and no promise is made.
 * It makes no sequential nodes and has no transactions.
 */
export const adapter: Adapter = {
  name: 'zkwire (callbacks)',
  version: zkwireVersion,
  async connect(connectString, { frameBytesMax } = {}) {
    const client = await connect(connectString, { frameBytesMax });
    const { lending } = client;
    return {
      style: 'callback',
      get: (path, done) =>
        lending.get(path, (error, reply) => done(error, reply === undefined ? null : reply.data)),
      set: (path, data, done) => lending.set(path, data, -1, (error, _stat) => done(error)),
      exists: (path, done) => lending.exists(path, (error, _stat) => done(error)),
      getChildren: (path, done) => lending.getChildren(path, done),
      close: () => client.close(),
    };
  },
};
