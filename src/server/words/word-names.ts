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
