import {
  type JuteReader,
  readCreate2Response,
  readCreateResponse,
  readGetACLResponse,
  readGetAllChildrenNumberResponse,
  readGetChildren2Response,
  readGetChildrenResponse,
  readGetEphemeralsResponse,
  readStat,
  readWhoAmIResponse,
  type Stat,
} from '../codec/index.ts';
import type { Decode } from '../pipeline/index.ts';
import { clientPath, isInChroot } from './chroot.ts';
import type { ACL, AclResult, ChildrenResult, CreateResult, Identity } from './types.ts';

/** Reply bodies as the client's callers see them: what a correct server never leaves null is not null here. */

export function readCreatedPath(reader: JuteReader): string {
  const at = reader.offset;
  return notNull(reader, at, readCreateResponse(reader).path, 'path');
}

function readCreated(reader: JuteReader): CreateResult {
  const at = reader.offset;
  const { path, stat } = readCreate2Response(reader);
  return { path: notNull(reader, at, path, 'path'), stat };
}

/** Path alone, of a reply that has a Stat whether asked for or not. */
export function readCreatedPathBeforeStat(reader: JuteReader): string {
  return readCreated(reader).path;
}

/** The same path as the client names it. */
export function inChroot(chroot: string, decode: Decode<string>): Decode<string> {
  if (chroot === '') return decode;
  return (reader, origin) => clientPath(chroot, decode(reader, origin));
}

export function readCreatedIn(chroot: string): Decode<CreateResult> {
  if (chroot === '') return readCreated;
  return (reader) => {
    const { path, stat } = readCreated(reader);
    return { path: clientPath(chroot, path), stat };
  };
}

export function readChildren(reader: JuteReader): string[] {
  const at = reader.offset;
  return textsOf(reader, at, readGetChildrenResponse(reader).children, 'name of a child');
}

export function readChildrenAndStat(reader: JuteReader): ChildrenResult {
  const at = reader.offset;
  const { children, stat } = readGetChildren2Response(reader);
  return { children: textsOf(reader, at, children, 'name of a child'), stat };
}

/** Paths in the chroot, as the client names them; the server may tell of others that only begin like it. */
export function readEphemeralsIn(chroot: string): Decode<string[]> {
  return (reader) => {
    const at = reader.offset;
    const paths = textsOf(reader, at, readGetEphemeralsResponse(reader).ephemerals, 'path');
    if (chroot === '') return paths;
    return paths.filter((path) => isInChroot(chroot, path)).map((path) => clientPath(chroot, path));
  };
}

export function readAcl(reader: JuteReader): AclResult {
  const at = reader.offset;
  const { acl, stat } = readGetACLResponse(reader);
  const entries = notNull(reader, at, acl, 'ACL');
  for (const { id } of entries) {
    notNull(reader, at, id.scheme, 'scheme of an ACL');
    notNull(reader, at, id.id, 'id of an ACL');
  }
  return { acl: entries as ACL[], stat };
}

export function readIdentities(reader: JuteReader): Identity[] {
  const at = reader.offset;
  return notNull(reader, at, readWhoAmIResponse(reader).clientInfo, 'list').map((info) => ({
    scheme: notNull(reader, at, info.authScheme, 'scheme'),
    // A scheme of somebody's own may have no names.
    user: info.user ?? '',
  }));
}

export function readNumber(reader: JuteReader): number {
  return readGetAllChildrenNumberResponse(reader).totalNumber;
}

export function readJustStat(reader: JuteReader): Stat {
  return readStat(reader);
}

/** For operations that are answered by a header alone, or whose body says nothing new. */
export function readNothing(reader: JuteReader): undefined {
  reader.offset = reader.end;
  return undefined;
}

/** The list, which is not null, and nor is any text in it. */
export function textsOf(
  reader: JuteReader,
  at: number,
  texts: (string | null)[] | null,
  what: string,
): string[] {
  const list = notNull(reader, at, texts, 'list');
  for (const text of list) notNull(reader, at, text, what);
  return list as string[];
}

function notNull<T>(reader: JuteReader, at: number, value: T | null, what: string): T {
  if (value === null) reader.failAt(at, 'UNEXPECTED_NULL', `the ${what} is null`);
  return value;
}
