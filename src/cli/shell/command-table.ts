import { ACL_COMMANDS } from './acl-commands.ts';
import type { ShellCommandDefinition } from './command-definition.ts';
import { CONTROL_COMMANDS } from './control-commands.ts';
import { ENSEMBLE_COMMANDS, VERSION } from './ensemble-commands.ts';
import { LIST_COMMANDS } from './list-commands.ts';
import { NODE_COMMANDS } from './node-commands.ts';
import { QUOTA_COMMANDS } from './quota-commands.ts';
import { PRINT_WATCHES, WATCH_COMMANDS } from './watch-commands.ts';

/** Every command of the shell. */
export const SHELL_COMMANDS: readonly ShellCommandDefinition[] = [
  ...NODE_COMMANDS,
  ...LIST_COMMANDS,
  ...ACL_COMMANDS,
  ...QUOTA_COMMANDS,
  ...WATCH_COMMANDS,
  PRINT_WATCHES,
  ...ENSEMBLE_COMMANDS,
  VERSION,
  ...CONTROL_COMMANDS,
];

/** The command of that name. */
export function findCommand(name: string): ShellCommandDefinition | undefined {
  return SHELL_COMMANDS.find((command) => command.name === name);
}
