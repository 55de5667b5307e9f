import { badOption } from './option-checks.ts';

/** One login module of a section of a JAAS file, with its options. */
export interface JaasLogin {
  /** Class name. */
  readonly module: string;
  readonly options: ReadonlyMap<string, string>;
}

/** Longest file that is looked at: a thousand users of a thousand characters each. */
const JAAS_CHARS_MAX: number = 1024 * 1024;

const TOKEN =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|#[^\n]*|"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|([{};=])|([^\s{};="']+)/y;

/**
 * Reads a file of `java.security.auth.login.config`, by section. Throws a ZkwireError with code
 * `BAD_ARGUMENT` that names the line (and nothing of what is on it: passwords are).
 */
export function parseJaas(text: string): ReadonlyMap<string, readonly JaasLogin[]> {
  if (text.length > JAAS_CHARS_MAX) throw badOption('the JAAS file is longer than 1 MiB');
  const tokens = tokenize(text);
  const sections = new Map<string, JaasLogin[]>();
  while (!tokens.atEnd) {
    const name = tokens.word('the name of a section');
    tokens.sign('{');
    const logins: JaasLogin[] = [];
    while (!tokens.takes('}')) logins.push(parseLogin(tokens));
    tokens.sign(';');
    sections.set(name, logins);
  }
  return sections;
}

function parseLogin(tokens: Tokens): JaasLogin {
  const module = tokens.word('the class of a login module');
  tokens.word('required, requisite, sufficient or optional');
  const options = new Map<string, string>();
  while (!tokens.takes(';')) {
    const option = tokens.word('the name of an option');
    tokens.sign('=');
    options.set(option, tokens.word('the value of an option'));
  }
  return { module, options };
}

interface Token {
  readonly text: string;
  readonly isSign: boolean;
  readonly line: number;
}

function tokenize(text: string): Tokens {
  const tokens: Token[] = [];
  let line = 1;
  let offset = 0;
  while (offset < text.length) {
    TOKEN.lastIndex = offset;
    const match = TOKEN.exec(text);
    if (match === null) throw badOption(`JAAS file, line ${line}: a quote is not closed`);
    const [whole, double, single, sign, bare] = match;
    const quoted = double ?? single;
    const word = quoted === undefined ? (sign ?? bare) : quoted.replace(/\\(.)/g, '$1');
    if (word !== undefined) tokens.push({ text: word, isSign: sign !== undefined, line });
    line += whole.split('\n').length - 1;
    offset += whole.length;
  }
  return new Tokens(tokens, line);
}

class Tokens {
  readonly #tokens: readonly Token[];
  readonly #lastLine: number;
  #next = 0;

  constructor(tokens: readonly Token[], lastLine: number) {
    this.#tokens = tokens;
    this.#lastLine = lastLine;
  }

  get atEnd(): boolean {
    return this.#next === this.#tokens.length;
  }

  takes(sign: string): boolean {
    const token = this.#tokens[this.#next];
    if (token?.isSign !== true || token.text !== sign) return false;
    this.#next++;
    return true;
  }

  sign(sign: string): void {
    if (!this.takes(sign)) throw this.#missing(`'${sign}'`);
  }

  word(what: string): string {
    const token = this.#tokens[this.#next];
    if (token === undefined || token.isSign) throw this.#missing(what);
    this.#next++;
    return token.text;
  }

  #missing(what: string): Error {
    const line = this.#tokens[this.#next]?.line ?? this.#lastLine;
    return badOption(`JAAS file, line ${line}: ${what} is missing`);
  }
}
