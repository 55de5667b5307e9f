/**
 * Which Apache ZooKeeper the server behaves like, where releases differ.
 * - `3.8`: as 3.8.0 with the security fixes that Debian 12 ships it with.
 * - `3.9`: as 3.9.5.
 */
export type ServerRelease = '3.8' | '3.9';
