import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { CommandContext } from './command-context.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

const HELP = { help: { type: 'boolean', short: 'h' } } as const;

/** What `parseArgs` makes of the options. */
type Given<O extends Options> = ReturnType<typeof parseArgs<{ readonly options: O }>>['values'];

/**
 * The options that a command was given beside --help; or its exit code, when they are wrong or help is all
 * that is wanted: either was written then.
 */
export function givenOptions<const O extends Options>(
  args: readonly string[],
  options: O,
  help: string,
  { out, err }: CommandContext,
): Given<O> | 0 | 2 {
  try {
    const { values } = parseArgs({ args: [...args], options: { ...options, ...HELP } });
    if ((values as Given<typeof HELP>).help !== true) return values as Given<O>;
  } catch (error) {
    err(`${(error as Error).message}\n\n${help}`);
    return 2;
  }
  out(help);
  return 0;
}
