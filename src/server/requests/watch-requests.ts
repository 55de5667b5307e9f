import {
  readSetWatches,
  readSetWatches2,
  SERVER_CODE,
  writeErrorResponse,
} from '../../codec/index.ts';
import type { ServerConnection } from '../connection.ts';
import type { ServerCore } from '../server-core.ts';

/** Requests about watches; they answer, and give codes, as those in read-requests.ts. */

const { OK, NOWATCHER, MARSHALLINGERROR } = SERVER_CODE;

/** Paths, one list for each kind of watch. */
type PathList = readonly (string | null)[] | null;

/** Watches of an earlier connection set again: what was missed is told before the answer. */
export function setWatches(core: ServerCore, connection: ServerConnection, xid: number): number {
  const { relativeZxid, dataWatches, existWatches, childWatches } = readSetWatches(core.reader);
  const lists = [dataWatches, existWatches, childWatches];
  return setAgain(core, connection, xid, relativeZxid, lists);
}

/** The same with persistent and recursive ones. */
export function setWatches2(core: ServerCore, connection: ServerConnection, xid: number): number {
  const request = readSetWatches2(core.reader);
  const { dataWatches, existWatches, childWatches } = request;
  const { persistentWatches, persistentRecursiveWatches } = request;
  const oneShot = [dataWatches, existWatches, childWatches];
  const lists = [...oneShot, persistentWatches, persistentRecursiveWatches];
  return setAgain(core, connection, xid, request.relativeZxid, lists);
}

/** As on a real server, a list that is null ends it, and those before it count. */
function setAgain(
  core: ServerCore,
  connection: ServerConnection,
  xid: number,
  relativeZxid: bigint,
  lists: readonly PathList[],
): number {
  const [data = [], exist = [], child = [], persistent = [], recursive = []] = upToNull(lists);
  const paths = { data, exist, child, persistent, recursive };
  core.watches.setWatches(core.tree, relativeZxid, paths, connection);
  if (lists.some((list) => list === null || list.includes(null))) return MARSHALLINGERROR;
  core.answer(connection, xid);
  connection.output.commit();
  return OK;
}

/** The paths before the first that is null, or whose list is. */
function upToNull(lists: readonly PathList[]): string[][] {
  const whole: string[][] = [];
  for (const list of lists) {
    if (list === null) break;
    const end = list.indexOf(null);
    whole.push((end < 0 ? list : list.slice(0, end)) as string[]);
    if (end >= 0) break;
  }
  return whole;
}

/** A persistent or recursive watch. */
export function addWatch(core: ServerCore, connection: ServerConnection, xid: number): number {
  const path = core.reader.ustring();
  const mode = core.reader.int();
  if (path === null || (mode !== 0 && mode !== 1)) return MARSHALLINGERROR;
  core.watches.addPersistent(path, connection, mode === 1);
  writeErrorResponse(core.answer(connection, xid), OK);
  connection.output.commit();
  return OK;
}

/** Whether there is such a watch. */
export function checkWatches(core: ServerCore, connection: ServerConnection, xid: number): number {
  const { watches, reader } = core;
  const path = reader.ustring();
  const type = reader.int();
  if (!watches.isType(type) || watches.tripsOver(path, type)) return MARSHALLINGERROR;
  if (path === null || !watches.contains(path, connection, type)) return NOWATCHER;
  core.answer(connection, xid);
  connection.output.commit();
  return OK;
}

/** Takes watches of this connection away. */
export function removeWatches(core: ServerCore, connection: ServerConnection, xid: number): number {
  const path = core.reader.ustring();
  const type = core.reader.int();
  if (!core.watches.isType(type)) return MARSHALLINGERROR;
  if (path === null || !core.watches.remove(path, connection, type)) return NOWATCHER;
  core.answer(connection, xid);
  connection.output.commit();
  return OK;
}
