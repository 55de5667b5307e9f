import { qualify } from './model.ts';
import type { ClassSyntax, FieldSyntax, SchemaSyntax, TypeSyntax } from './parse.ts';

/** One difference between two schemas. `module` and `record` locate it. */
type Difference =
  | {
      readonly kind: 'record-missing';
      readonly side: Side;
      readonly module: string;
      readonly record: string;
    }
  | {
      readonly kind: 'field-missing';
      readonly side: Side;
      readonly module: string;
      readonly record: string;
      readonly field: string;
      readonly type: string;
    }
  | {
      readonly kind: 'type-differs';
      readonly module: string;
      readonly record: string;
      readonly field: string;
      readonly ours: string;
      readonly theirs: string;
    }
  | {
      readonly kind: 'order-differs';
      readonly module: string;
      readonly record: string;
      readonly ours: readonly string[];
      readonly theirs: readonly string[];
    };

/** Where something is missing. */
type Side = 'ours' | 'theirs';

export interface SchemaDiff {
  readonly ours: string;
  readonly theirs: string;
  readonly differences: readonly Difference[];
  /** Modules that only their file has. Not a difference: a client needs no server modules. */
  readonly modulesOnlyTheirs: readonly string[];
}

/** Compares records by module and name, fields by name, type and order. Comments do not count. */
export function diffSchemas(ours: SchemaSyntax, theirs: SchemaSyntax): SchemaDiff {
  const ourModules = classesByModule(ours);
  const theirModules = classesByModule(theirs);
  const differences: Difference[] = [];
  for (const [module, ourClasses] of ourModules) {
    const theirClasses = theirModules.get(module) ?? new Map<string, ClassSyntax>();
    for (const [record, ourClass] of ourClasses) {
      const theirClass = theirClasses.get(record);
      if (theirClass === undefined) {
        differences.push({ kind: 'record-missing', side: 'theirs', module, record });
      } else {
        differences.push(...diffClasses(module, ourClass, theirClass));
      }
    }
    for (const record of theirClasses.keys()) {
      if (ourClasses.has(record)) continue;
      differences.push({ kind: 'record-missing', side: 'ours', module, record });
    }
  }
  const modulesOnlyTheirs = [...theirModules.keys()].filter((name) => !ourModules.has(name));
  return { ours: ours.file, theirs: theirs.file, differences, modulesOnlyTheirs };
}

/** The comparison as lines of text. */
export function formatDiff(diff: SchemaDiff): string[] {
  const lines = diff.differences.map((difference) => formatDifference(diff, difference));
  if (diff.modulesOnlyTheirs.length > 0) {
    lines.push(`not compared, only in ${diff.theirs}: ${diff.modulesOnlyTheirs.join(', ')}`);
  }
  const count = diff.differences.length;
  const summary = count === 0 ? 'no differences' : `${count} difference${count === 1 ? '' : 's'}`;
  return [...lines, `${diff.ours} and ${diff.theirs}: ${summary}`];
}

function formatDifference(diff: SchemaDiff, difference: Difference): string {
  const record = `${difference.module}.${difference.record}`;
  switch (difference.kind) {
    case 'record-missing':
      return `${record}: not in ${diff[difference.side]}`;
    case 'field-missing':
      return `${record}.${difference.field}: ${difference.type}, not in ${diff[difference.side]}`;
    case 'type-differs': {
      const { field, ours, theirs } = difference;
      return `${record}.${field}: ${ours} in ${diff.ours}, ${theirs} in ${diff.theirs}`;
    }
    case 'order-differs': {
      const ours = difference.ours.join(' ');
      return `${record}: order ${ours} in ${diff.ours}, ${difference.theirs.join(' ')} in ${diff.theirs}`;
    }
  }
}

function diffClasses(module: string, ours: ClassSyntax, theirs: ClassSyntax): Difference[] {
  const record = ours.name;
  const ourFields = fieldsByName(ours);
  const theirFields = fieldsByName(theirs);
  const differences: Difference[] = [];
  for (const [field, { type }] of ourFields) {
    const ourType = typeTextOf(module, type);
    const theirField = theirFields.get(field);
    if (theirField === undefined) {
      differences.push({
        kind: 'field-missing',
        side: 'theirs',
        module,
        record,
        field,
        type: ourType,
      });
      continue;
    }
    const theirType = typeTextOf(module, theirField.type);
    if (ourType === theirType) continue;
    differences.push({
      kind: 'type-differs',
      module,
      record,
      field,
      ours: ourType,
      theirs: theirType,
    });
  }
  for (const [field, { type }] of theirFields) {
    if (ourFields.has(field)) continue;
    const theirType = typeTextOf(module, type);
    differences.push({
      kind: 'field-missing',
      side: 'ours',
      module,
      record,
      field,
      type: theirType,
    });
  }
  const ourOrder = [...ourFields.keys()].filter((name) => theirFields.has(name));
  const theirOrder = [...theirFields.keys()].filter((name) => ourFields.has(name));
  if (ourOrder.join() !== theirOrder.join()) {
    differences.push({ kind: 'order-differs', module, record, ours: ourOrder, theirs: theirOrder });
  }
  return differences;
}

/** A module may be opened more than once in a file. */
function classesByModule(schema: SchemaSyntax): Map<string, Map<string, ClassSyntax>> {
  const modules = new Map<string, Map<string, ClassSyntax>>();
  for (const module of schema.modules) {
    const classes = modules.get(module.name) ?? new Map<string, ClassSyntax>();
    for (const declared of module.classes) classes.set(declared.name, declared);
    modules.set(module.name, classes);
  }
  return modules;
}

function fieldsByName(declared: ClassSyntax): Map<string, FieldSyntax> {
  return new Map(declared.fields.map((field) => [field.name, field]));
}

/** With qualified names, so that `ACL` and `org.apache.zookeeper.data.ACL` compare equal. */
function typeTextOf(module: string, type: TypeSyntax): string {
  switch (type.kind) {
    case 'primitive':
      return type.name;
    case 'vector':
      return `vector<${typeTextOf(module, type.element)}>`;
    case 'map':
      return `map<${typeTextOf(module, type.key)},${typeTextOf(module, type.value)}>`;
    case 'name':
      return qualify(module, type.name);
  }
}
