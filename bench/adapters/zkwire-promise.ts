import { connect, type GetDataResponse, type TransactionResult } from 'zkwire';
import { MULTI_SETS } from '../servers/canned-replies.ts';
import type { Adapter } from './adapter.ts';
import { zkwireVersion } from './zkwire-version.ts';

/** zkwire as its README shows it. */
export const adapter: Adapter = {
  name: 'zkwire (promises)',
  version: zkwireVersion,
  async connect(connectString, { frameBytesMax } = {}) {
    const client = await connect(connectString, { frameBytesMax });
    return {
      style: 'promise',
      get: (path) => client.get(path),
      set: (path, data) => client.set(path, data),
      exists: (path) => client.exists(path),
      create: (path, data) => client.create(path, data, { mode: 'persistent-sequential' }),
      getChildren: (path) => client.getChildren(path),
      multi(path, data) {
        const transaction = client.transaction<TransactionResult[]>();
        for (let nth = 0; nth < MULTI_SETS; nth++) transaction.set(path, data);
        return transaction.commit();
      },
      dataOf: (result) => (result as GetDataResponse).data,
      close: () => client.close(),
    };
  },
};
