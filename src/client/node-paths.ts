/** Paths of nodes around a node. Paths are those that the client has checked. */

/** Path of a child. */
export function childPath(path: string, name: string): string {
  return path === '/' ? `/${name}` : `${path}/${name}`;
}

/** Path of the parent; also of a path that a server will append a counter to. */
export function parentPath(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** Paths from the topmost node below the root down to `path` itself; none for `/`. */
export function pathsDownTo(path: string): string[] {
  const paths: string[] = [];
  for (let slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
    paths.push(path.slice(0, slash));
  }
  if (path !== '/') paths.push(path);
  return paths;
}
