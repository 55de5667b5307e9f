/** What somebody may have meant who wrote a name that there is not. */

/** Text for the end of a message: ` Did you mean 'get'?`, or nothing when no name is close. */
export function hintAt(typed: string, names: Iterable<string>): string {
  const nearest = nearestName(typed, names);
  return nearest === undefined ? '' : ` Did you mean '${nearest}'?`;
}

/** The name that begins like `typed`, or is at most three edits from it. */
function nearestName(typed: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let nearestEdits = 4;
  for (const name of names) {
    const edits = typed !== '' && name.startsWith(typed) ? 0 : editDistance(typed, name);
    if (edits < nearestEdits && edits < name.length / 2) {
      nearest = name;
      nearestEdits = edits;
    }
  }
  return nearest;
}

/** Insertions, deletions and replacements between two short words. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= Math.min(from.length, 64); i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
