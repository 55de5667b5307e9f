import type { CommandText, OptionDefinition } from './command-definition.ts';
import { ShellFailure, usageFailure } from './shell-failure.ts';

/** The words of a command, told apart. */
export interface ParsedWords {
  readonly name: string;
  /** Words that are no options, without the name. */
  readonly operands: readonly string[];
  readonly options: ReadonlyMap<string, string>;
}

/**
 * Tells options from operands as `zkCli.sh` does (it uses commons-cli): options may stand anywhere,
 * `-sw` is `-s -w`, values follow as `-v 1`, `-v1` or `-v=1`, and `--` ends the options. Of an option
 * that is repeated the first value counts. Throws a ShellFailure.
 */
export function parseWords(command: CommandText, words: readonly string[]): ParsedWords {
  const parser = new WordParser(command);
  if (command.takesAnyWord === true) parser.take('--');
  for (const word of words.slice(1)) parser.take(word);
  parser.finish();
  const { operands, options } = parser;
  const { operandsMin, operandsMax = Number.POSITIVE_INFINITY } = command;
  if (operands.length < operandsMin || operands.length > operandsMax) throw usageFailure(command);
  return { name: command.name, operands, options };
}

class WordParser {
  readonly operands: string[] = [];
  readonly options = new Map<string, string>();
  readonly #command: CommandText;
  readonly #known: ReadonlyMap<string, OptionDefinition>;
  /** The option whose value is the next word. */
  #awaiting: OptionDefinition | null = null;
  #onlyOperands = false;

  constructor(command: CommandText) {
    this.#command = command;
    this.#known = new Map(command.options.map((option) => [option.name, option]));
  }

  take(word: string): void {
    if (this.#onlyOperands) this.operands.push(word);
    else if (word === '--') this.#onlyOperands = true;
    else if (this.#awaiting !== null && this.#isValue(word)) this.#give(word);
    else if (word.startsWith('-') && word !== '-') this.#takeOptions(word);
    else this.operands.push(word);
  }

  finish(): void {
    this.#checkValue();
    if (this.#command.oneOption !== 'exactly' || this.options.size === 1) return;
    const options = this.#command.options.map(({ name, summary }) => `-${name} ${summary}`);
    throw badWords(`Missing required option: [${options.join(', ')}]`);
  }

  #isValue(word: string): boolean {
    if (!word.startsWith('-') || word === '-' || isNumber(word)) return true;
    const name = word.slice(1).split('=', 1)[0]!;
    return !this.#known.has(name) && !this.#known.has(name.slice(0, 1));
  }

  #takeOptions(word: string): void {
    const body = word.slice(1);
    const [name = '', ...rest] = body.split('=');
    const option = this.#known.get(name);
    if (rest.length === 0 && option !== undefined) this.#begin(option);
    else if (rest.length === 0) this.#takeLetters(word);
    else if (name.length === 1 && option?.value !== undefined) {
      this.#begin(option);
      this.#give(rest.join('='));
    } else throw unrecognized(word);
  }

  /** `-sw`, `-v1`. */
  #takeLetters(word: string): void {
    for (let at = 1; at < word.length; at++) {
      const option = this.#known.get(word[at]!);
      if (option === undefined) throw unrecognized(word);
      this.#begin(option);
      if (option.value !== undefined && at + 1 < word.length) {
        this.#give(word.slice(at + 1));
        return;
      }
    }
  }

  #begin(option: OptionDefinition): void {
    this.#checkValue();
    if (this.#command.oneOption !== undefined) this.#checkOne(option);
    if (option.value !== undefined) this.#awaiting = option;
    else this.options.set(option.name, '');
  }

  #give(value: string): void {
    const { name } = this.#awaiting as OptionDefinition;
    this.#awaiting = null;
    if (!this.options.has(name)) this.options.set(name, value);
  }

  #checkOne({ name }: OptionDefinition): void {
    const other = [...this.options.keys()].find((chosen) => chosen !== name);
    if (other === undefined) return;
    throw badWords(
      `The option '${name}' was specified but an option from this group has already been selected: '${other}'`,
    );
  }

  #checkValue(): void {
    if (this.#awaiting === null) return;
    throw badWords(`Missing argument for option: ${this.#awaiting.name}`);
  }
}

function isNumber(word: string): boolean {
  return word.trim() !== '' && !Number.isNaN(Number(word));
}

function unrecognized(word: string): ShellFailure {
  return badWords(`Unrecognized option: ${word}`);
}

function badWords(message: string): ShellFailure {
  return new ShellFailure('USAGE', message);
}
