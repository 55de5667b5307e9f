import { connect, RequestError } from 'zkwire';
import type { LoadCase } from '../cases.ts';
import { nodePath } from '../jobs.ts';
import { payloadOf } from '../servers/canned-replies.ts';

/** Makes the node of a load case on a real server, with the payload that `get` expects to find. */
export async function prepareNode(benchCase: LoadCase, connectString: string): Promise<void> {
  const path = nodePath(benchCase.payloadBytes);
  const data = payloadOf(benchCase.payloadBytes);
  const client = await connect(connectString);
  try {
    await client.create(path, data);
  } catch (cause) {
    if (!(cause instanceof RequestError && cause.code === 'NODEEXISTS')) throw cause;
    await client.set(path, data);
  } finally {
    await client.close();
  }
}
