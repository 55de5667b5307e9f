import type { Field } from './step.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Times to live that are too short or too long, by one and by far. */
const ODD_TTLS = [
  ...['0', '-1', '-1099511627775', '-9223372036854775808'],
  ...['1099511627776', '4398046511104', '9223372036854775807'],
];

export function plainFlag(words: Vocabulary): number {
  const { random } = words;
  return words.odd()
    ? random.pick([4, 5, 6, 7, -1, 100, 256, 2 ** 31 - 1])
    : random.pick([0, 0, 0, 0, 1, 1, 2, 3]);
}

export function createFields(words: Vocabulary, flag: number): Field[] {
  const isSequential = flag === 2 || flag === 3;
  const path = isSequential ? words.sequencePath() : words.newPath();
  return [path, words.data(), ...words.acl(), ['i', flag]];
}

export function ttlFields(words: Vocabulary): Field[] {
  const flag = words.random.pick([5, 5, 6]);
  const path = flag === 6 ? words.sequencePath() : words.newPath();
  const ttl = words.odd()
    ? words.random.pick(ODD_TTLS)
    : words.random.pick(['1', '86400000', '1099511627775']);
  return [path, words.data(), ...words.acl(), ['i', flag], ['l', ttl]];
}

export function watchFields(words: Vocabulary): Field[] {
  return [words.pathField(), words.truth(0.5)];
}
