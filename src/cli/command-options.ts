import { type ParseArgsConfig, parseArgs } from 'node:util';
import { hintAt } from '../nearest-name.ts';
import { UsageError } from './usage-error.ts';

/**
 * `parseArgs`, which is strict, but of an option that there is not it names the nearest that there is.
 * Node's own message tells how to pass such a word as an argument, which no command here takes.
 */
export function parseOptions<const T extends ParseArgsConfig>(
  config: T,
): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const typed = /'(-[^']*)'/.exec(message)?.[1];
    if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION' || typed === undefined) throw error;
    const names = Object.keys(config.options ?? {}).map((name) => `--${name}`);
    throw new UsageError(`unknown option '${typed}'.${hintAt(typed, names)}`);
  }
}
