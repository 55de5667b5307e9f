/** Where something stands in a schema file. Both count from 1. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

/** A schema that cannot be used. The message starts with `file:line:column: `. */
export class SchemaError extends Error {
  readonly file: string;
  readonly line: number;
  readonly column: number;

  constructor(file: string, at: SourcePosition, problem: string) {
    super(`${file}:${at.line}:${at.column}: ${problem}`);
    this.name = 'SchemaError';
    this.file = file;
    this.line = at.line;
    this.column = at.column;
  }
}
