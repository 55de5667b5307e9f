import { connect, type GetDataResponse } from 'zkwire';
import type { Adapter } from './adapter.ts';
import { zkwireVersion } from './zkwire-version.ts';

/** zkwire as its README shows it. */
export const adapter: Adapter = {
  name: 'zkwire (promises)',
  version: zkwireVersion,
  async connect(connectString) {
    const client = await connect(connectString);
    return {
      style: 'promise',
      get: (path) => client.get(path),
      set: (path, data) => client.set(path, data),
      dataOf: (result) => (result as GetDataResponse).data,
      close: () => client.close(),
    };
  },
};
