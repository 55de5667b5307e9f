import { type ParseArgsConfig, parseArgs } from 'node:util';
import { hintAt } from '../nearest-name.ts';
import { UsageError } from './usage-error.ts';

/**
 * `parseArgs` that says in our words what is wrong: throws a UsageError for an option that there is not, for one
 * without its value or with one that it does not take, and for words where none are taken.
 *
 * A word that begins with a dash is no value, since it may be an option whose own value was forgotten; but a
 * negative number is one: the option itself says why it is not the right one.
 */
export function parseOptions<const T extends ParseArgsConfig>(
  config: T,
): ReturnType<typeof parseArgs<T>> {
  const { args = [], options = {}, allowPositionals = false }: ParseArgsConfig = config;
  const parsed = parseArgs({ args, options, allowPositionals: true, strict: false, tokens: true });
  for (const token of parsed.tokens) {
    if (token.kind === 'option') checkOption(token, args[token.index]!, options);
    else if (token.kind === 'positional' && !allowPositionals) {
      throw new UsageError(`'${token.value}' is one argument too many`);
    }
  }
  return parsed as unknown as ReturnType<typeof parseArgs<T>>;
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** What `parseArgs` made of an option and its value. */
interface OptionToken {
  readonly name: string;
  /** As typed, without a value: `--port` or `-p`. */
  readonly rawName: string;
  readonly value: string | undefined;
  /** Whether the value stands in the same word; undefined without a value. */
  readonly inlineValue: boolean | undefined;
}

function checkOption(token: OptionToken, word: string, options: Options): void {
  const { name, rawName, value, inlineValue } = token;
  // Without a value in the same word.
  const typed = rawName.startsWith('--') ? rawName : word.replace(/=.*$/s, '');
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  // -port is five letters of short options to parseArgs, or -p with the value "ort".
  const isLongWithOneDash = typed.length > 2 && Object.hasOwn(options, typed.slice(1));
  if (option === undefined || isLongWithOneDash) {
    const names = Object.keys(options).map((each) => `--${each}`);
    throw new UsageError(`unknown option '${typed}'.${hintAt(typed, names)}`);
  }
  if (option.type === 'boolean') {
    if (value === undefined) return;
    throw new UsageError(`${rawName} takes no value, and has '${value}'`);
  }
  if (value === undefined) throw new UsageError(`${rawName} needs a value`);
  if (inlineValue === true || !/^-[^\d.]/.test(value)) return;
  throw new UsageError(
    `${rawName} needs a value, and '${value}' looks like an option; if it is the value: --${name}=${value}`,
  );
}
