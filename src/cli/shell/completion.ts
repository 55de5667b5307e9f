import type { ZooKeeperClient } from '../../client/index.ts';
import type { ShellCommandDefinition } from './command-definition.ts';
import { WATCH_MODES } from './watch-commands.ts';
import { type LastWord, lastWord } from './words.ts';

/** What completion needs of the shell. */
export interface CompletionSource {
  readonly commands: readonly ShellCommandDefinition[];
  /** The client, when there is a connection now: nobody waits for one with a finger on Tab. */
  client(): ZooKeeperClient | null;
}

/** As `node:readline` wants it: what the end of the line may become, and that end. */
export type Completions = [candidates: string[], end: string];

/** A server that takes longer is no help in typing. */
const TIMEOUT_MS = 2_000;

/** More names than this are not listed: only what they have in common is added. */
const LISTED_MAX = 500;

/** Completes the last word of `line`: a command, an option, a mode or the path of a node. Never rejects. */
export async function complete(line: string, source: CompletionSource): Promise<Completions> {
  const word = lastWord(line);
  if (word.text.startsWith('/') && word.before.length > 0) return await completePath(word, source);
  const candidates = wordsFor(word, source.commands).filter((each) => each.startsWith(word.text));
  const end = candidates.length === 1 ? `${word.quote} ` : '';
  return [candidates.sort().map((each) => word.quote + each + end), word.raw];
}

function wordsFor(
  { before, text }: LastWord,
  commands: readonly ShellCommandDefinition[],
): string[] {
  const names = commands.map(({ name }) => name);
  const [name] = before;
  if (name === undefined || (name === 'help' && before.length === 1)) return names;
  if (name === 'printwatches') return before.length === 1 ? ['on', 'off'] : [];
  if (name === 'addWatch' && before.at(-1) === '-m') return [...WATCH_MODES.keys()];
  const options = commands.find((command) => command.name === name)?.options ?? [];
  return text.startsWith('-') ? options.map((option) => `-${option.name}`) : [];
}

async function completePath(word: LastWord, source: CompletionSource): Promise<Completions> {
  const nothing: Completions = [[], word.raw];
  const zk = source.client();
  if (zk === null) return nothing;
  const slash = word.text.lastIndexOf('/');
  const parent = word.text.slice(0, slash) || '/';
  const prefix = word.text.slice(0, slash + 1);
  try {
    const names = await zk.getChildren(parent, { timeoutMs: TIMEOUT_MS });
    const paths = names.map((name) => prefix + name).filter((path) => path.startsWith(word.text));
    const [only] = paths;
    if (only === undefined) return nothing;
    if (paths.length === 1) return [[await wholeWord(zk, only, word)], word.raw];
    const begun = paths.length > LISTED_MAX ? [commonPrefix(paths)] : paths.sort();
    return [begun.map((path) => quoteFor(path, word) + path), word.raw];
  } catch {
    return nothing;
  }
}

/** A node with children is to be gone into; one without is the end of the word. */
async function wholeWord(zk: ZooKeeperClient, path: string, word: LastWord): Promise<string> {
  const quote = quoteFor(path, word);
  const stat = await zk.exists(path, { timeoutMs: TIMEOUT_MS });
  return stat !== null && stat.numChildren > 0 ? `${quote}${path}/` : `${quote}${path}${quote} `;
}

/** Spaces end a word unless it is quoted. */
function quoteFor(path: string, { quote }: LastWord): string {
  if (quote !== '' || !/\s/.test(path)) return quote;
  return path.includes('"') ? "'" : '"';
}

function commonPrefix(paths: readonly string[]): string {
  let prefix = paths[0]!;
  for (const path of paths) {
    while (!path.startsWith(prefix)) prefix = prefix.slice(0, -1);
  }
  return prefix;
}
