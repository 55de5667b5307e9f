import { connect } from 'zkwire';
import { payloadOf } from '../../servers/canned-replies.ts';

export const PATH = '/zkwire-bench-100';
const PAYLOAD_BYTES = 100;

/** Makes the node that all clients read. */
export async function prepareNode(connectString: string): Promise<void> {
  const client = await connect(connectString, { connectRounds: 10 });
  try {
    await client.create(PATH, payloadOf(PAYLOAD_BYTES));
  } finally {
    await client.close();
  }
}
