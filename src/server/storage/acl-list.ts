import {
  type ACL,
  ACL_MIN_BYTES,
  type JuteReader,
  type JuteWriter,
  readACL,
  writeACLOf,
} from '../../codec/index.ts';

/** A vector of ACLs, null as it is. */
export function readAclList(reader: JuteReader): ACL[] | null {
  const count = reader.count(ACL_MIN_BYTES);
  if (count < 0) return null;
  return Array.from({ length: count }, () => readACL(reader));
}

/** A vector of ACLs. */
export function writeAclList(writer: JuteWriter, acl: readonly ACL[]): void {
  writer.count(acl.length);
  for (const entry of acl) writeACLOf(writer, entry);
}
