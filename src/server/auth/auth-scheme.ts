/** One way of being known to the server: how its ids look, and which of them an entry of an ACL means. */
export interface AuthScheme {
  /** As it is in ACLs and in auth requests. */
  readonly name: string;
  /** Whoever has an id of it has proved something: the scheme `auth` of an ACL stands for such ids. */
  readonly authenticates: boolean;
  /** Whether `aclId` makes sense in an ACL. */
  isValid(aclId: string): boolean;
  /** Whether somebody with `id` is meant by `aclId`. */
  matches(id: string, aclId: string): boolean;
  /** What whoAmI shows of `id`. */
  userOf(id: string): string;
}
