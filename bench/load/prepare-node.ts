import { connect, RequestError, type ZooKeeperClient } from 'zkwire';
import { createdPath } from '../adapters/adapter.ts';
import type { LoadCase } from '../cases.ts';
import { workloadPath } from '../jobs.ts';
import { childNames, payloadOf } from '../servers/canned-replies.ts';

/** Requests under way at a time. */
const WINDOW = 1_024;
/** Digits that a server appends to the name of a sequential node. */
const SEQUENCE_DIGITS = 10;

/**
 * Makes what a load case finds on a real server: a node with its payload, or a parent with its children.
 * Of what a case has created it leaves the parent only, so that a server does not fill from turn to turn.
 */
export async function prepareNode(benchCase: LoadCase, connectString: string): Promise<void> {
  const { operation, payloadBytes, childCount = 0 } = benchCase;
  const path = workloadPath(benchCase);
  const client = await connect(connectString);
  try {
    if (operation === 'create') {
      await removeCreated(client, path);
      await client.create(path);
    } else if (operation === 'getChildren') {
      await makeUnlessThere(client, path, null);
      const children = childNames(childCount).map((name) => `${path}/${name}`);
      await inWindows(children, (child) => makeUnlessThere(client, child, null));
    } else {
      await makeUnlessThere(client, path, payloadOf(payloadBytes));
      await client.set(path, payloadOf(payloadBytes));
    }
  } finally {
    await client.close();
  }
}

async function makeUnlessThere(
  client: ZooKeeperClient,
  path: string,
  data: Buffer | null,
): Promise<void> {
  await unless('NODEEXISTS', client.create(path, data));
}

/** Its children are not listed: the reply could be longer than anybody takes. Their names follow from the Stat. */
async function removeCreated(client: ZooKeeperClient, path: string): Promise<void> {
  const stat = await client.exists(path);
  if (stat === null) return;
  // The child version counts what was made and what was deleted.
  const made = (stat.cversion + stat.numChildren) / 2;
  const created = createdPath(path);
  const children = Array.from(
    { length: made },
    (_, nth) => `${created}${String(nth).padStart(SEQUENCE_DIGITS, '0')}`,
  );
  await inWindows(children, (child) => unless('NONODE', client.delete(child)));
  await client.delete(path);
}

async function inWindows(
  paths: readonly string[],
  perform: (path: string) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < paths.length; from += WINDOW) {
    await Promise.all(paths.slice(from, from + WINDOW).map(perform));
  }
}

async function unless(code: string, request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (cause) {
    if (!(cause instanceof RequestError && cause.code === code)) throw cause;
  }
}
