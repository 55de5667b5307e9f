/** What ZooKeeper accepts as a path. Checked here because servers check writes only. */

/** What is wrong with `path`, or null. `sequential`: the server will append a counter, so it may end with a slash or dot. */
export function pathFault(path: unknown, sequential = false): string | null {
  if (typeof path !== 'string') return `a path must be a string, not ${typeof path}`;
  const chars = path.length;
  if (chars === 0) return 'a path must not be empty';
  if (path.charCodeAt(0) !== SLASH) return 'a path must start with /';
  if (chars === 1) return null;
  if (path.charCodeAt(chars - 1) === SLASH && !sequential) return 'a path must not end with /';
  return nodeNamesFault(path, chars, sequential);
}

const SLASH = 0x2f;
const DOT = 0x2e;

/** One pass: `dots` is the length of the node name so far while it consists of dots only, else -1. */
function nodeNamesFault(path: string, chars: number, sequential: boolean): string | null {
  let dots = 0;
  for (let index = 1; index < chars; index++) {
    const unit = path.charCodeAt(index);
    if (unit === SLASH) {
      if (path.charCodeAt(index - 1) === SLASH) return `an empty node name at character ${index}`;
      if (dots === 1 || dots === 2) return relativeName(index);
      dots = 0;
    } else if (unit === DOT) {
      if (dots >= 0) dots++;
    } else {
      dots = -1;
      if ((unit < 0x20 || unit > 0x7e) && isRefused(unit)) return refusedCharacter(unit, index);
    }
  }
  return !sequential && (dots === 1 || dots === 2) ? relativeName(chars) : null;
}

/** UTF-16 units that Java's PathUtils refuses: controls, surrogates with the private area behind them, specials. */
function isRefused(unit: number): boolean {
  return (
    unit < 0x20 ||
    (unit >= 0x7f && unit <= 0x9f) ||
    (unit >= 0xd800 && unit <= 0xf8ff) ||
    unit >= 0xfff0
  );
}

function relativeName(index: number): string {
  return `a relative node name (. or ..) before character ${index}`;
}

function refusedCharacter(unit: number, index: number): string {
  const code = unit.toString(16).toUpperCase().padStart(4, '0');
  return `character U+${code} at ${index} is not allowed`;
}

/**
 * Whether the encoded path in `[start, end)`, which starts with a slash, is one that needs no closer look:
 * printable ASCII, and no node name that is empty or starts with a dot. False says nothing: ask `pathFault`.
 *
 * For the path of every request: its bytes are there anyway, and cost a fifth of looking at the string.
 */
export function isPlainPath(bytes: Uint8Array, start: number, end: number): boolean {
  let before = SLASH;
  for (let at = start + 1; at < end; at++) {
    const byte = bytes[at]!;
    if (byte < 0x20 || byte > 0x7e) return false;
    if (before === SLASH && (byte === SLASH || byte === DOT)) return false;
    before = byte;
  }
  return before !== SLASH || end - start === 1;
}
