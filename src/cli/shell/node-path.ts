import { pathFault } from '../../client/index.ts';
import { pathFailure } from './shell-failure.ts';

/**
 * Gives back a path that can be one, and throws a ShellFailure with Java's words for one that cannot.
 * `sequential`: a server will append a counter, so that it may end with a slash.
 */
export function checkedPath(path: string, sequential = false): string {
  if (pathFault(path, sequential) === null) return path;
  throw pathFailure(path, complaint(sequential ? `${path}1` : path));
}

function complaint(path: string): string {
  if (path === '') return 'Path length must be > 0';
  if (!path.startsWith('/')) return 'Path must start with / character';
  if (path.endsWith('/')) return 'Path must not end with / character';
  return `Invalid path string "${path}" caused by ${reason(path)}`;
}

/** Java goes through the characters and tells of the first that is wrong; the faults of names are told at their last one. */
function reason(path: string): string {
  const found = /\/\/|\/\.\.?(?=\/|$)|[^ -~\xa0-\ud7ff\uf900-\uffef]/.exec(path);
  const wrong = found?.[0] ?? '';
  const at = (found?.index ?? 0) + wrong.length - 1;
  if (wrong === '\0') return `null character not allowed @${at}`;
  if (wrong === '//') return `empty node name specified @${at}`;
  return wrong.startsWith('/') ? `relative paths not allowed @${at}` : `invalid character @${at}`;
}
