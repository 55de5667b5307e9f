import { OP } from '../../src/codec/index.ts';
import { createFields, plainFlag, ttlFields, watchFields } from './draw-fields.ts';
import { type Field, MULTI_END } from './step.ts';
import type { Vocabulary } from './vocabulary.ts';

type DrawPart = (words: Vocabulary) => readonly [op: number, fields: readonly Field[]];

/** Ends that say something else beside that they are one. */
const ODD_ENDS: readonly (readonly Field[])[] = [
  [
    ['i', 1],
    ['t', true],
    ['i', 0],
  ],
  [
    ['i', -1],
    ['b', 0x80],
    ['i', 7],
  ],
  [
    ['i', -1],
    ['t', false],
    ['i', -1],
  ],
];

/** What no multi takes. */
const ODD_OPS = [
  ...[OP.setACL, OP.exists, OP.multi, OP.multiRead, OP.getACL, OP.getChildren2, OP.sync, OP.ping],
  ...[OP.deleteContainer, OP.reconfig, OP.error, OP.createSession, OP.closeSession, OP.auth, 0, 99],
];

/** Parts of a multi. */
export function multiWriteParts(words: Vocabulary): (readonly Field[])[] {
  return multiParts(words, drawMultiOperation);
}

/** Parts of a multiRead. */
export function multiReadParts(words: Vocabulary): (readonly Field[])[] {
  return multiParts(words, drawMultiRead);
}

function multiParts(words: Vocabulary, draw: DrawPart): (readonly Field[])[] {
  const { random } = words;
  const count = random.chance(0.02) ? 40 : random.pick([0, 1, 1, 2, 2, 3, 3, 4, 6]);
  const parts = Array.from({ length: count }, () => {
    const [op, fields] = draw(words);
    return [['i', op], ['t', false], ['i', random.chance(0.9) ? -1 : 0], ...fields] as Field[];
  });
  if (random.chance(0.02)) return parts;
  return [...parts, random.chance(0.02) ? random.pick(ODD_ENDS) : MULTI_END];
}

function drawMultiOperation(words: Vocabulary): ReturnType<DrawPart> {
  const { random } = words;
  if (random.chance(0.02)) return drawMultiRead(words);
  // Nothing that a multi takes: the whole of it is refused.
  if (random.chance(0.01)) return [random.pick(ODD_OPS), watchFields(words)];
  const kind = random.int(0, 9);
  if (kind < 3) return [OP.create, createFields(words, plainFlag(words))];
  if (kind === 3) return [OP.create2, createFields(words, plainFlag(words))];
  if (kind === 4 && random.chance(0.5)) return [OP.createContainer, createFields(words, 4)];
  if (kind === 4) return [OP.createTTL, ttlFields(words)];
  if (kind < 7) return [OP.delete, [words.pathField(), words.version()]];
  if (kind < 9) return [OP.setData, [words.pathField(), words.data(), words.version()]];
  return [OP.check, [words.pathField(), words.version()]];
}

function drawMultiRead(words: Vocabulary): ReturnType<DrawPart> {
  const op = words.random.pick([OP.getData, OP.getChildren]);
  if (words.random.chance(0.02)) return [OP.exists, watchFields(words)];
  return [op, watchFields(words)];
}
