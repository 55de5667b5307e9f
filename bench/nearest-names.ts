/** Edits (insert, delete, replace one character) that turn one text into the other. */
export function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = from[row - 1] === to[column - 1] ? 0 : 1;
      current.push(
        Math.min(
          (previous[column] as number) + 1,
          (current[column - 1] as number) + 1,
          (previous[column - 1] as number) + replaced,
        ),
      );
    }
    previous = current;
  }
  return previous[to.length] as number;
}

/** The names nearest to `wanted`: those that contain it first, then by edit distance. */
export function nearestNames(wanted: string, names: readonly string[], count = 3): string[] {
  const lower = wanted.toLowerCase();
  const scored = names.map((name) => ({
    name,
    score: name.toLowerCase().includes(lower) ? -1 : editDistance(lower, name.toLowerCase()),
  }));
  scored.sort((a, b) => a.score - b.score || a.name.localeCompare(b.name));
  return scored.slice(0, count).map(({ name }) => name);
}
