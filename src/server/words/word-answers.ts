import { WORD_LIST_CHARS_PER_SECOND, WORD_LIST_CHARS_SAVED_MAX } from '../../limits.ts';
import {
  clientsLines,
  consWord,
  dumpWord,
  hashWord,
  watchCountsWord,
  watchesByPathWord,
  watchesBySessionWord,
} from './list-words.ts';
import { monitorWord } from './monitor-word.ts';
import type { ServerView } from './server-view.ts';
import { confWord, dirsWord, enviWord, statisticsLines, versionLines } from './state-words.ts';
import type { ConnectionStatistics } from './statistics.ts';
import { FOUR_LETTER_WORDS, type FourLetterWord, TELNET_CLOSE, wordOfCode } from './word-names.ts';

/** What a real server traces unless told otherwise: requests, packets, sessions, warnings. Nothing is traced here. */
const TRACE_MASK = 306n;
const TRACE_MASK_BYTES = 8;

/** Words whose answers grow with what others do on the server: those of CVE-2017-5637, and their like. */
const LISTS: ReadonlySet<FourLetterWord> = new Set(['cons', 'dump', 'stat', 'wchc', 'wchp']);

/** Answers four-letter words. */
export class WordAnswers {
  readonly #view: ServerView;
  #traceMask = TRACE_MASK;
  /** Characters of lists that may be asked for now; can go below 0. */
  #listChars = WORD_LIST_CHARS_SAVED_MAX;
  #listCharsAtMs: number;

  /** Answers about `view`; which words, its options say. */
  constructor(view: ServerView) {
    this.#view = view;
    this.#listCharsAtMs = view.options.clock.nowMs();
  }

  /**
   * The answer to the first four bytes of a connection, read as a signed number; `rest` is what came
   * behind them. Null when they are no word, but the length of a frame. The connection ends behind the
   * answer, also behind one that is empty. Counts the packets.
   */
  answer(code: number, rest: Uint8Array, caller: ConnectionStatistics): string | null {
    const word = wordOfCode(code);
    if (word === undefined) return null;
    const { statistics, options } = this.#view;
    const isAnswered = options.fourLetterWords as ReadonlySet<string>;
    // Real servers let telnet's farewell pass where all words do, have no answer to it, and take it for a length.
    if (word === TELNET_CLOSE && isAnswered.size === FOUR_LETTER_WORDS.length) return null;
    statistics.packetsReceived++;
    caller.packetsReceived++;
    const answer = isAnswered.has(word)
      ? this.#bounded(word as FourLetterWord, rest, caller)
      : `${word} is not executed because it is not in the whitelist.\n`;
    statistics.packetsSent++;
    caller.packetsSent++;
    return answer;
  }

  #bounded(word: FourLetterWord, rest: Uint8Array, caller: ConnectionStatistics): string {
    if (!LISTS.has(word)) return this.#answer(word, rest, caller);
    const nowMs = this.#view.options.clock.nowMs();
    const gained = ((nowMs - this.#listCharsAtMs) / 1000) * WORD_LIST_CHARS_PER_SECOND;
    this.#listChars = Math.min(this.#listChars + gained, WORD_LIST_CHARS_SAVED_MAX);
    this.#listCharsAtMs = nowMs;
    if (this.#listChars <= 0) return `${word} is not executed: too much was asked for just now.\n`;
    const answer = this.#answer(word, rest, caller);
    this.#listChars -= answer.length;
    return answer;
  }

  #answer(word: FourLetterWord, rest: Uint8Array, caller: ConnectionStatistics): string {
    const view = this.#view;
    switch (word) {
      case 'conf':
        return confWord(view);
      case 'cons':
        return consWord(view, caller);
      case 'crst':
        for (const { statistics } of view.connections) statistics.reset();
        return 'Connection stats reset.\n';
      case 'dirs':
        return dirsWord(view);
      case 'dump':
        return dumpWord(view);
      case 'envi':
        return enviWord(view);
      case 'gtmk':
        return String(this.#traceMask);
      case 'hash':
        return hashWord(view);
      case 'isro':
        return view.options.readOnly ? 'ro' : 'rw';
      case 'mntr':
        return monitorWord(view);
      case 'ruok':
        return 'imok';
      case 'srst':
        view.statistics.reset();
        return 'Server stats reset.\n';
      case 'srvr':
        return versionLines(view) + statisticsLines(view);
      case 'stat':
        return versionLines(view) + clientsLines(view, caller) + statisticsLines(view);
      case 'stmk':
        return this.#setTraceMask(rest);
      case 'wchc':
        return watchesBySessionWord(view);
      case 'wchp':
        return watchesByPathWord(view);
      case 'wchs':
        return watchCountsWord(view);
    }
  }

  /** The mask has to come with the word: servers do not wait for it. */
  #setTraceMask(rest: Uint8Array): string {
    if (rest.length < TRACE_MASK_BYTES) return '';
    const view = new DataView(rest.buffer, rest.byteOffset, TRACE_MASK_BYTES);
    this.#traceMask = view.getBigInt64(0);
    return String(this.#traceMask);
  }
}
