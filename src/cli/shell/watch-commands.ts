import type { WatchSelection } from '../../client/index.ts';
import type { ControlCommand, SessionCommand } from './command-definition.ts';
import { checkedPath } from './node-path.ts';
import { usageFailure } from './shell-failure.ts';

/** Modes of `addWatch`, in the words of `zkCli.sh`; whether the watch is recursive. */
export const WATCH_MODES: ReadonlyMap<string, boolean> = new Map([
  ['PERSISTENT', false],
  ['PERSISTENT_RECURSIVE', true],
]);

const addWatch: SessionCommand = {
  name: 'addWatch',
  needs: 'session',
  syntax:
    '[-m mode] path # optional mode is one of [PERSISTENT, PERSISTENT_RECURSIVE] - default is PERSISTENT_RECURSIVE',
  summary: 'leave a watch that stays',
  options: [
    {
      name: 'm',
      value: 'mode',
      summary: 'PERSISTENT: the node and its children; PERSISTENT_RECURSIVE: all below it',
    },
  ],
  operandsMin: 1,
  operandsMax: 1,
  async run({ operands, options, output, limits }, zk, watches) {
    const mode = (options.get('m') ?? 'PERSISTENT_RECURSIVE').toUpperCase();
    const recursive = WATCH_MODES.get(mode);
    if (recursive === undefined) throw usageFailure(addWatch);
    const path = checkedPath(operands[0]!);
    await watches.add(zk, path, recursive, limits);
    output.result([], { path, mode });
  },
};

const SELECTIONS: readonly (readonly [option: string, selection: WatchSelection])[] = [
  ['c', 'child'],
  ['d', 'data'],
  ['p', 'persistent'],
  ['r', 'recursive'],
];

const removeWatches: SessionCommand = {
  name: 'removewatches',
  needs: 'session',
  syntax: 'path [-c|-d|-a] [-l]',
  summary: 'take watches of a node away',
  options: [
    { name: 'c', summary: 'those of its children' },
    { name: 'd', summary: 'those of its data' },
    { name: 'p', summary: 'those that are persistent' },
    { name: 'r', summary: 'those that are persistent and recursive' },
    { name: 'a', summary: 'any (the default)' },
    { name: 'l', summary: 'also without a connection (always so here)' },
  ],
  operandsMin: 1,
  async run({ operands, options, output, limits }, zk) {
    const selection = SELECTIONS.find(([option]) => options.has(option))?.[1] ?? 'any';
    const path = checkedPath(operands[0]!);
    await zk.removeWatches(path, selection, limits);
    output.result([], { path, selection });
  },
};

/** Commands about watches. */
export const WATCH_COMMANDS: readonly SessionCommand[] = [addWatch, removeWatches];

/** Whether events are printed. */
export const PRINT_WATCHES: ControlCommand = {
  name: 'printwatches',
  needs: 'shell',
  syntax: 'on|off',
  summary: 'print events, or do not; without a word: tell which',
  options: [],
  takesAnyWord: true,
  operandsMin: 0,
  run({ operands, output }, shell) {
    const [word] = operands;
    if (word !== undefined) {
      if (word !== 'on' && word !== 'off') throw usageFailure(PRINT_WATCHES);
      shell.printWatches = word === 'on';
    }
    const state = shell.printWatches ? 'on' : 'off';
    output.result(word === undefined ? [`printwatches is ${state}`] : [], { printwatches: state });
  },
};
