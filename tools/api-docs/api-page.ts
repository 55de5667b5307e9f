import { basename } from 'node:path';
import type { Declaration, DeclarationKind } from './declarations.ts';
import { type EntryPoint, membersOf } from './public-api.ts';

/** Names whose members are listed too: what most users look for. */
const WITH_MEMBERS: readonly string[] = ['ZooKeeperClient', 'ConnectOptions'];

const TABLES: readonly (readonly [title: string, kinds: readonly DeclarationKind[]])[] = [
  ['function', ['function']],
  ['class', ['class']],
  ['constant', ['const']],
  ['type', ['interface', 'type']],
];

const INTRODUCTION = `# API

Every public name by entry point, with the first sentence of its documentation. The rest stands beside the code, where
editors show it: units, defaults, errors. Made by \`npm run docs:api\`; a test compares it with what the build exports.`;

const RECORDS_FILE = 'records.gen.d.ts';

type Names = ReadonlyMap<string, Declaration>;

/** Text of docs/api.md. */
export function apiPage(points: readonly EntryPoint[]): string {
  return `${[INTRODUCTION, ...points.flatMap(section)].join('\n\n')}\n`;
}

function section({ specifier, names }: EntryPoint): string[] {
  const records = recordGroups(names);
  const grouped = new Set([...records.values()].flat());
  const single = [...names].filter(([name]) => !grouped.has(name));
  const tables = TABLES.flatMap(([title, kinds]) => {
    const rows = single
      .filter(([, { kind }]) => kinds.includes(kind))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, { doc }]) => row([name], doc));
    return rows.length === 0 ? [] : [table(title, rows)];
  });
  return [`## \`${specifier}\``, ...tables, ...recordTable(names, records), ...details(names)];
}

/** Tables of the members of what has them. */
function details(names: Names): string[] {
  return WITH_MEMBERS.flatMap((name) => {
    const declaration = names.get(name);
    if (declaration === undefined) return [];
    const rows = membersOf(declaration).map((member) => row([member.name], member.doc));
    return [`### \`${name}\``, table('member', rows)];
  });
}

/** Names of the generated records, each with what reads and writes it. None where there are only types. */
function recordGroups(names: Names): Map<string, string[]> {
  const generated = [...names].filter(([, { module }]) => basename(module.file) === RECORDS_FILE);
  if (generated.every(([, { kind }]) => kind === 'interface')) return new Map();
  const groups = new Map<string, string[]>();
  const byKey = new Map<string, string[]>();
  for (const [name, { kind }] of generated) {
    if (kind !== 'interface') continue;
    const group = [name];
    groups.set(name, group);
    byKey.set(name.toLowerCase(), group);
  }
  for (const [name, { kind }] of generated) {
    if (kind === 'interface') continue;
    const key = recordKey(name);
    const group = byKey.get(key) ?? byKey.get(key.replace(/of$/, ''));
    if (group === undefined) throw new Error(`${name} belongs to no record`);
    group.push(name);
  }
  return groups;
}

/** `readStat`, `STAT_BYTES`: `stat`. */
function recordKey(name: string): string {
  return name
    .replace(/^(?:read|write)/, '')
    .replace(/(?:_MIN)?_BYTES$/, '')
    .replaceAll('_', '')
    .toLowerCase();
}

function recordTable(names: Names, groups: ReadonlyMap<string, readonly string[]>): string[] {
  if (groups.size === 0) return [];
  const rows = [...groups].map(([name, group]) => row(group, names.get(name)?.doc ?? null));
  const where = 'The records of the protocol; [protocol.md](protocol.md) shows their fields.';
  return [where, table('record', rows)];
}

function table(title: string, rows: readonly string[]): string {
  return [`| ${title} | |`, '| --- | --- |', ...rows].join('\n');
}

function row(names: readonly string[], doc: string | null): string {
  return `| ${names.map((name) => `\`${name}\``).join(', ')} | ${firstSentence(doc ?? '')} |`;
}

/** Of the first paragraph, without links and full stop. */
function firstSentence(doc: string): string {
  const paragraph = (doc.split(/\n\s*\n|\n- |\n@/)[0] as string).replace(/\s+/g, ' ');
  const sentence = paragraph.split(/(?<=[^.]{3}\.) (?=[A-Z`])/)[0] as string;
  return sentence
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .replace(/[.:]$/, '')
    .replaceAll('|', '\\|');
}
