import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { diffSchemas, formatDiff } from './diff.ts';
import { checkTypesInUse } from './emit-names.ts';
import { emitRecordTable } from './emit-record-table.ts';
import { emitRecords } from './emit-records.ts';
import { buildSchema, checkDocumented, type Schema } from './model.ts';
import { parseSchema, type SchemaSyntax } from './parse.ts';
import { SchemaError } from './schema-error.ts';

/** The schema, relative to the project's root; also its name in messages. */
const SCHEMA_FILE = 'schema/client.jute';

/** Generated files, relative to the project's root. */
const OUTPUTS: readonly (readonly [file: string, emit: (schema: Schema) => string])[] = [
  ['src/codec/records.gen.ts', emitRecords],
  ['src/codec/record-table.gen.ts', emitRecordTable],
];

const HELP = `jute-gen: compiles ${SCHEMA_FILE}

  generate            write ${OUTPUTS.map(([file]) => file).join(', ')}
  generate --check    write nothing; fail when one of them is stale
  diff OTHER.jute     compare the schema with any other jute file
  diff --json ...     the same as JSON
  --help              this text

Exit code: 0 fine, 1 stale or different, 2 wrong usage, unreadable file or faulty schema.
`;

/** Where a command runs. */
export interface JuteGenEnvironment {
  /** Root of the project. */
  readonly root: string;
  /** Directory that other files are relative to. */
  readonly cwd: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Wrong arguments, or a file that cannot be read. */
class UsageError extends Error {}

/** Runs a command line and gives its exit code. */
export function runJuteGen(args: readonly string[], environment: JuteGenEnvironment): 0 | 1 | 2 {
  try {
    return dispatch(args, environment);
  } catch (error) {
    if (!(error instanceof SchemaError || error instanceof UsageError)) throw error;
    environment.err(`${error.message}\n`);
    return 2;
  }
}

function dispatch(args: readonly string[], environment: JuteGenEnvironment): 0 | 1 | 2 {
  const { values, positionals } = parse(args);
  const [command, ...operands] = positionals;
  if (values.help) {
    environment.out(HELP);
    return 0;
  }
  if (command === 'generate' && operands.length === 0 && !values.json) {
    return values.check ? check(environment) : generate(environment);
  }
  if (command === 'diff' && operands.length === 1 && !values.check) {
    return diff(environment, operands[0]!, values.json);
  }
  throw new UsageError(`expected generate [--check] or diff [--json] OTHER.jute; see --help`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        check: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function generate(environment: JuteGenEnvironment): 0 {
  for (const [file, text] of emitAll(environment)) {
    const path = join(environment.root, file);
    if (readOrNull(path) === text) {
      environment.out(`${file}: unchanged\n`);
      continue;
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    environment.out(`${file}: written\n`);
  }
  return 0;
}

function check(environment: JuteGenEnvironment): 0 | 1 {
  let stale = 0;
  for (const [file, text] of emitAll(environment)) {
    const found = readOrNull(join(environment.root, file));
    if (found === text) continue;
    stale++;
    const where =
      found === null ? 'is missing' : `is stale from line ${firstDifference(found, text)}`;
    environment.err(`${file} ${where}: run npm run generate\n`);
  }
  if (stale > 0) return 1;
  environment.out(`${OUTPUTS.length} files are up to date with ${SCHEMA_FILE}\n`);
  return 0;
}

function diff(environment: JuteGenEnvironment, other: string, json: boolean): 0 | 1 {
  const ours = readSchema(environment.root, SCHEMA_FILE);
  const result = diffSchemas(ours, readSchema(environment.cwd, other));
  environment.out(
    json ? `${JSON.stringify(result, null, 2)}\n` : `${formatDiff(result).join('\n')}\n`,
  );
  return result.differences.length === 0 ? 0 : 1;
}

/** Everything is emitted before anything is written. */
function emitAll(environment: JuteGenEnvironment): [file: string, text: string][] {
  const schema = buildSchema(readSchema(environment.root, SCHEMA_FILE));
  checkDocumented(schema);
  checkTypesInUse(schema);
  return OUTPUTS.map(([file, emit]) => [file, emit(schema)]);
}

function readSchema(directory: string, file: string): SchemaSyntax {
  const text = readOrNull(resolve(directory, file));
  if (text === null) throw new UsageError(`${file}: no such file`);
  return parseSchema(file, text);
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new UsageError(`${path}: cannot be read (${code})`);
  }
}

/** Number of the first line that differs, from 1. */
function firstDifference(found: string, expected: string): number {
  const expectedLines = expected.split('\n');
  const at = found.split('\n').findIndex((line, index) => line !== expectedLines[index]);
  return at < 0 ? expectedLines.length : at + 1;
}
