import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Statements that the compiler writes; each begins its line, which no example in a comment does. */
const STATIC = /^(?:import|export)\b[^'";]*?from '([^']+)'|^import '([^']+)'/gm;
const DYNAMIC = /\bimport\('(\.[^']+)'\)/g;

/** A built file of the package, `.js` or `.d.ts`. */
interface BuiltModule {
  readonly bytes: number;
  /** Files that are loaded with it. */
  readonly imports: readonly string[];
  /** Files that are loaded when it comes to that. */
  readonly laterImports: readonly string[];
  /** Of Node or of other packages. */
  readonly foreign: readonly string[];
}

/** What one file brings with it. */
export interface Reach {
  /** File to size, the file itself first. */
  readonly files: ReadonlyMap<string, number>;
  /** `node:net` and its like, sorted. */
  readonly foreign: readonly string[];
}

/** Which built files import which. Files are named from the root of the package. */
export class ModuleGraph {
  readonly #root: string;
  readonly #modules = new Map<string, BuiltModule>();

  constructor(root: string) {
    this.#root = root;
  }

  /** All that is loaded with `files`; with `later`, also what they may load while they run. */
  reach(files: readonly string[], later: boolean): Reach {
    const found = new Map<string, number>();
    const foreign = new Set<string>();
    const waiting = [...files];
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      if (found.has(file)) continue;
      const built = this.#module(file);
      found.set(file, built.bytes);
      for (const name of built.foreign) foreign.add(name);
      waiting.push(...built.imports, ...(later ? built.laterImports : []));
    }
    return { files: found, foreign: [...foreign].sort() };
  }

  #module(file: string): BuiltModule {
    let built = this.#modules.get(file);
    if (built === undefined) {
      built = this.#read(file);
      this.#modules.set(file, built);
    }
    return built;
  }

  #read(file: string): BuiltModule {
    const path = join(this.#root, file);
    const text = readFileSync(path, 'utf8');
    const names = [...text.matchAll(STATIC)].map((match) => (match[1] ?? match[2]) as string);
    const later = [...text.matchAll(DYNAMIC)].map((match) => match[1] as string);
    return {
      bytes: statSync(path).size,
      imports: names.filter(isOwn).map((name) => target(file, name)),
      laterImports: later.map((name) => target(file, name)),
      foreign: names.filter((name) => !isOwn(name)),
    };
  }
}

function isOwn(specifier: string): boolean {
  return specifier.startsWith('.');
}

/** Declarations name the source that they were made of. */
function target(from: string, specifier: string): string {
  const file = join(dirname(from), specifier).replaceAll('\\', '/');
  return from.endsWith('.d.ts') ? file.replace(/\.[jt]s$/, '.d.ts') : file;
}
