/** What an ACL entry can allow, as bits of its `perms`. */
export const PERMISSION = {
  /** Data and names of the children. */
  READ: 1,
  /** Set the data. */
  WRITE: 2,
  /** Create a child. */
  CREATE: 4,
  /** Delete a child. */
  DELETE: 8,
  /** Set the ACL, and see the digests in it. */
  ADMIN: 16,
} as const;
