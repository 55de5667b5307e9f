/** Every four-letter word that ZooKeeper 3.8 and 3.9 answer, as `4lw.commands.whitelist` names them. */
export const FOUR_LETTER_WORDS = [
  'conf',
  'cons',
  'crst',
  'dirs',
  'dump',
  'envi',
  'gtmk',
  'hash',
  'isro',
  'mntr',
  'ruok',
  'srst',
  'srvr',
  'stat',
  'stmk',
  'wchc',
  'wchp',
  'wchs',
] as const;

/** One of {@link FOUR_LETTER_WORDS}. */
export type FourLetterWord = (typeof FOUR_LETTER_WORDS)[number];

/** What telnet sends when it is ended; servers know it by this name. */
export const TELNET_CLOSE = 'telnet close';

/** The four bytes of each word as the length of a frame that they could also be. */
const WORDS_BY_CODE: ReadonlyMap<number, FourLetterWord | typeof TELNET_CLOSE> = new Map([
  ...FOUR_LETTER_WORDS.map((word) => [Buffer.from(word).readInt32BE(), word] as const),
  [0xfff4_fffd | 0, TELNET_CLOSE] as const,
]);

/** The word that four bytes are, read as a signed big-endian number. */
export function wordOfCode(code: number): FourLetterWord | typeof TELNET_CLOSE | undefined {
  return WORDS_BY_CODE.get(code);
}
