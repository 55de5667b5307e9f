import { packageVersion } from '../../../src/cli/package-version.ts';
import { SHELL_COMMANDS } from '../../../src/cli/shell/command-table.ts';

/** What one line printed, without the events of watches. */
export interface Printed {
  readonly line: string;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

/** A way in which `zkwire shell` is not `zkCli.sh`; docs/shell.md has a row for each, by this name. */
export interface Difference {
  readonly name: string;
  /** Makes of what `zkCli.sh` printed what the shell prints. Absent: a script of lines cannot show it. */
  readonly apply?: (printed: Printed) => Printed;
}

/** What `zkCli.sh` says of failures and warnings on standard output. */
const ERRORS = /^(Not connected|Quota does not exist for .*|\[Warning\]: .*)$/;

/** What the shell says of itself, which no rule can make of what `zkCli.sh` prints. */
const HELP = [...SHELL_COMMANDS]
  .sort((one, other) => (one.name < other.name ? -1 : 1))
  .map(({ name, syntax }) => `\t${name} ${syntax}`.trimEnd());
const VERSION = `zkwire shell version: ${packageVersion()}`;

/** All of them, in the order of the table. */
export const DIFFERENCES: readonly Difference[] = [
  { name: 'one-shot' },
  { name: 'exit-codes' },
  { name: 'end-of-input' },
  {
    name: 'greeting',
    apply: ({ out, ...rest }) => ({
      ...rest,
      out: out.filter((line) => !/^JLine support is (en|dis)abled$/.test(line)),
    }),
  },
  {
    name: 'created',
    apply: ({ line, out, err }) => ({
      line,
      out: [...out, ...err.filter((text) => text.startsWith('Created '))],
      err: err.filter((text) => !text.startsWith('Created ')),
    }),
  },
  {
    name: 'errors-on-stderr',
    apply: ({ line, out, err }) => ({
      line,
      out: out.filter((text) => !ERRORS.test(text)),
      err: [...out.filter((text) => ERRORS.test(text)), ...err],
    }),
  },
  {
    name: 'not-connected',
    apply: (printed) => {
      if (!/^(printwatches|history)\b/.test(printed.line)) return printed;
      return { ...printed, err: printed.err.filter((text) => text !== 'Not connected') };
    },
  },
  {
    name: 'unknown-command',
    apply: (printed) => {
      const word = printed.line.split(' ')[0]!;
      const told = `Command not found: Command not found ${word}`;
      if (!printed.err.includes(told)) return printed;
      const hint = word === 'Help' ? ". Did you mean 'help'?" : " (try 'help')";
      return { ...printed, err: [`Command not found: ${word}${hint}`] };
    },
  },
  {
    name: 'help',
    apply: (printed) => (printed.line === 'help' ? { line: 'help', out: HELP, err: [] } : printed),
  },
  {
    name: 'java-classes',
    apply: ({ err, ...rest }) => ({
      ...rest,
      err: err.map((text) => text.replace(/^org\.apache\.commons\.cli\.\w+Exception: /, '')),
    }),
  },
  {
    name: 'options-of-3.9',
    apply: ({ err, ...rest }) => ({
      ...rest,
      err: err.map((text) =>
        text
          .replace('get [-s] [-w] path', 'get [-s] [-w] [-b] [-x] path')
          .replace('set [-s] [-v version] path', 'set [-s] [-v version] [-b] path')
          // Not what `get path [watch]` is said to be now.
          .replace("use 'get [-s] [-w] [-b] [-x] path'", "use 'get [-s] [-w] path'"),
      ),
    }),
  },
  {
    name: 'version',
    apply: (printed) =>
      printed.line === 'version' && printed.out.length > 0
        ? { ...printed, out: [VERSION] }
        : printed,
  },
  {
    name: 'setacl-recursive',
    apply: (printed) => {
      if (!printed.line.startsWith('setAcl -R')) return printed;
      // One text without line breaks, on standard output.
      const told = printed.out.join('').match(/KeeperErrorCode = NoAuth for \/\w+/g) ?? [];
      const count = `the ACL of ${told.length} node(s) was not set`;
      return { ...printed, out: [], err: told.length > 0 ? [...told, count] : printed.err };
    },
  },
  { name: 'deleteall' },
  { name: 'crashes' },
  { name: 'quotes' },
  { name: 'blank-lines' },
  { name: 'refused-words' },
  { name: 'watch-word' },
  { name: 'ls-help' },
  { name: 'watch-modes' },
  { name: 'removewatches-l' },
  { name: 'event-zxid' },
  { name: 'lost-connection' },
  { name: 'interrupt' },
  { name: 'expired' },
  { name: 'addauth' },
  { name: 'too-large' },
  { name: 'config-order' },
  { name: 'time-zone' },
  { name: 'encoding' },
  { name: 'history-file' },
  { name: 'completion' },
  { name: 'client-configuration' },
];
