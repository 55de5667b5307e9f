import { bodyOf, headOf, statements } from '../api-docs/declaration-text.ts';
import type { Declaration } from '../api-docs/declarations.ts';
import type { EntryPoint } from '../api-docs/public-api.ts';

const COMMENT_OR_STRING = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g;

/** A type that users meet in a signature and cannot name, because no entry point exports it. */
export interface UnexportedType {
  readonly name: string;
  /** The exported name in whose declaration it was met first. */
  readonly seenIn: string;
  readonly file: string;
}

/**
 * Types of the project that exported declarations mention and that no entry point exports.
 * What a type that is found mentions itself is found when the type has been exported.
 */
export function unexportedTypes(points: readonly EntryPoint[]): UnexportedType[] {
  const exported = new Set(points.flatMap(({ names }) => [...names.values()]));
  const found = new Map<Declaration, UnexportedType>();
  for (const declaration of exported) {
    for (const mentioned of mentionedIn(declaration)) {
      if (exported.has(mentioned) || isInternal(mentioned)) continue;
      const { name, module } = mentioned;
      if (found.has(mentioned)) continue;
      found.set(mentioned, { name, seenIn: declaration.name, file: module.file });
    }
  }
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

function mentionedIn(declaration: Declaration): Set<Declaration> {
  const mentioned = new Set<Declaration>();
  const { module } = declaration;
  const words =
    publicText(declaration)
      .replace(COMMENT_OR_STRING, ' ')
      .match(/(?<![.\w#])[A-Z]\w*/g) ?? [];
  for (const word of new Set(words)) {
    const declaration = module.lookUp(word);
    if (declaration !== undefined && isType(declaration)) mentioned.add(declaration);
  }
  return mentioned;
}

/** What users can call or read; a member marked `@internal` is not theirs. */
function publicText({ kind, text }: Declaration): string {
  if (kind !== 'class' && kind !== 'interface') return text;
  const members = statements(bodyOf(text)).filter((member) => !isInternal(member));
  return [headOf(text), ...members.map((member) => member.text)].join('\n');
}

function isInternal({ doc }: { readonly doc: string | null }): boolean {
  return doc?.includes('@internal') === true;
}

function isType({ kind }: Declaration): boolean {
  return kind === 'class' || kind === 'interface' || kind === 'type';
}
