// The part of a driver that is the same for every client of JavaScript: see docs/conformance.md.
import { createInterface } from 'node:readline';

/** Prints a line. */
export const say = (...words) => process.stdout.write(`${words.join('\t')}\n`);

/** Node data out of a word, and back. */
export const bytesOf = (word) =>
  word === 'null' ? null : Buffer.from(word === '-' ? '' : word, 'hex');
export const wordOf = (bytes) =>
  bytes === null || bytes === undefined ? 'null' : bytes.toString('hex') || '-';

/** Steps of a multi: words, with a semicolon between two steps. */
export const steps = (words) =>
  words
    .join('\t')
    .split('\t;\t')
    .map((step) => step.split('\t'));

/** Thrown for what the client has no way to do. */
export class Unsupported extends Error {}

/** Does what lines of standard input say, and answers each. `codeOf` gives the code of what a command threw. */
export function obey(commands, codeOf) {
  const one = async (id, name, words) => {
    if (!Object.hasOwn(commands, name)) return say(id, 'unsupported');
    try {
      const result = await commands[name](...words);
      say(id, 'ok', ...(Array.isArray(result) ? result : []));
    } catch (error) {
      if (error instanceof Unsupported) return say(id, 'unsupported');
      say(id, 'error', codeOf(error), String(error?.message ?? error).replaceAll(/\s+/g, ' '));
    }
  };
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      const [id, name, ...words] = line.split('\t');
      void one(id, name, words);
    })
    .on('close', () => process.exit());
}
