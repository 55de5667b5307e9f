/**
 * Those that are compared, in the order of one turn: there and back, A B C, then C B A. What drifts while they run, such as a
 * machine that gets slower, then meets all of them alike, and nobody is always first or always behind the same one.
 */
export function turnOrder<T>(members: readonly T[], turn: number): readonly T[] {
  return turn % 2 === 0 ? members : members.toReversed();
}
