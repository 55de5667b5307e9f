/** Whole numbers `0 <= n < below`, the same ones for the same seed (xorshift32). */
export type RandomSource = (below: number) => number;

export function randomSource(seed: number): RandomSource {
  // Zero would stay zero for ever.
  let state = seed | 0 || 0x9e3779b9;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
