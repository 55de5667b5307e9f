/** Paths as the client names them, and the same under a chroot as the server does. */

/** `path` on the server. A chroot is '' or a path like `/a/b`. */
export function serverPath(chroot: string, path: string): string {
  if (chroot === '') return path;
  return path.length === 1 ? chroot : chroot + path;
}

/** The same for a create that the server appends a counter to: `/` stands for the front of a child's name. */
export function sequentialServerPath(chroot: string, path: string): string {
  return chroot + path;
}

/** Whether a path of the server lies in the chroot. `/apple` does not lie in `/app`. */
export function isInChroot(chroot: string, path: string): boolean {
  if (chroot === '' || path === chroot) return true;
  return path.startsWith(chroot) && path.charAt(chroot.length) === '/';
}

/** A path of the server as the client names it; one outside of the chroot stays as it is. */
export function clientPath(chroot: string, path: string): string {
  if (chroot === '' || !isInChroot(chroot, path)) return path;
  return path === chroot ? '/' : path.slice(chroot.length);
}
