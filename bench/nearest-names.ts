/**
 * Edits (insert, delete, replace one character) that turn `wanted` into some part of `text`. What
 * surrounds that part is free, so a fragment is near to every long name that nearly contains it.
 */
export function distanceToPart(wanted: string, text: string): number {
  let previous = new Array<number>(text.length + 1).fill(0);
  for (let row = 1; row <= wanted.length; row++) {
    const current = [row];
    for (let column = 1; column <= text.length; column++) {
      const replaced = wanted[row - 1] === text[column - 1] ? 0 : 1;
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
  return Math.min(...previous);
}

/** The names nearest to `wanted`; of equally near ones the shorter. */
export function nearestNames(wanted: string, names: readonly string[], count = 3): string[] {
  const lower = wanted.toLowerCase();
  const scored = names.map((name) => ({ name, score: distanceToPart(lower, name.toLowerCase()) }));
  scored.sort(
    (a, b) => a.score - b.score || a.name.length - b.name.length || a.name.localeCompare(b.name),
  );
  return scored.slice(0, count).map(({ name }) => name);
}
