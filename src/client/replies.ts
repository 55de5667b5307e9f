import {
  type JuteReader,
  readCreate2Response,
  readCreateResponse,
  readGetChildren2Response,
  readGetChildrenResponse,
  readStat,
  type Stat,
} from '../codec/index.ts';
import type { ChildrenResult, CreateResult } from './types.ts';

/** Reply bodies as the client's callers see them: what a correct server never leaves null is not null here. */

export function readCreatedPath(reader: JuteReader): string {
  const at = reader.offset;
  return notNull(reader, at, readCreateResponse(reader).path, 'path');
}

export function readCreated(reader: JuteReader): CreateResult {
  const at = reader.offset;
  const { path, stat } = readCreate2Response(reader);
  return { path: notNull(reader, at, path, 'path'), stat };
}

/** Path alone, of a reply that has a Stat whether asked for or not. */
export function readCreatedPathBeforeStat(reader: JuteReader): string {
  return readCreated(reader).path;
}

export function readChildren(reader: JuteReader): string[] {
  const at = reader.offset;
  return namesOf(reader, at, readGetChildrenResponse(reader).children);
}

export function readChildrenAndStat(reader: JuteReader): ChildrenResult {
  const at = reader.offset;
  const { children, stat } = readGetChildren2Response(reader);
  return { children: namesOf(reader, at, children), stat };
}

export function readJustStat(reader: JuteReader): Stat {
  return readStat(reader);
}

/** For operations that are answered by a header alone, or whose body says nothing new. */
export function readNothing(reader: JuteReader): undefined {
  reader.offset = reader.end;
  return undefined;
}

function namesOf(reader: JuteReader, at: number, names: (string | null)[] | null): string[] {
  const list = notNull(reader, at, names, 'children');
  for (const name of list) notNull(reader, at, name, 'name of a child');
  return list as string[];
}

function notNull<T>(reader: JuteReader, at: number, value: T | null, what: string): T {
  if (value === null) reader.failAt(at, 'UNEXPECTED_NULL', `the ${what} is null`);
  return value;
}
