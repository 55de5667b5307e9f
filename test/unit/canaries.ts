import { inspect } from 'node:util';

/** Every way in which bytes get into a text: as they are, in hex, in base64, as lists of numbers. */
function* spellings(secret: Buffer): Generator<string> {
  yield secret.toString('latin1');
  yield secret.toString('utf8');
  const hex = secret.toString('hex');
  yield hex;
  yield hex.toUpperCase();
  for (const separator of [',', ', ', ' ']) {
    yield [...secret].join(separator);
    yield [...secret].map((byte) => byte.toString(16).padStart(2, '0')).join(separator);
  }
  // Where a secret stands inside of what is encoded, its first and last bytes share characters with others.
  for (const encoding of ['base64', 'base64url'] as const) {
    for (const shift of [0, 1, 2]) {
      const shifted = Buffer.concat([Buffer.alloc(shift), secret]).toString(encoding);
      yield shifted.slice(shift === 0 ? 0 : 4, shifted.length - 4);
    }
  }
}

/** Watches for secrets, by name, in everything that it is shown. */
export class Canaries {
  readonly #spellings: (readonly [string, string])[] = [];
  readonly #texts: string[] = [];

  constructor(secrets: Readonly<Record<string, string | Buffer>>) {
    for (const [name, secret] of Object.entries(secrets)) this.add(name, secret);
  }

  add(name: string, secret: string | Buffer): void {
    const spelt = new Set(spellings(Buffer.from(secret as string)));
    this.#spellings.push(...[...spelt].map((text) => [name, text] as const));
  }

  /** Keeps what was printed. */
  print(text: string): void {
    this.#texts.push(text);
  }

  /** Keeps all that can be seen of a thing: by `console.log`, by a careful `inspect`, as JSON, as a text. */
  look(thing: unknown): void {
    this.print(inspect(thing));
    const everything = { depth: Infinity, maxArrayLength: null, maxStringLength: null };
    // With what a class says of itself, and with all that there is.
    for (const customInspect of [true, false]) {
      const options = { ...everything, customInspect, showHidden: true, breakLength: 1e9 };
      this.print(inspect(thing, { ...options, getters: customInspect }));
    }
    const asText = (_: string, value: unknown): unknown =>
      typeof value === 'bigint' ? String(value) : value;
    try {
      this.print(JSON.stringify(thing, asText) ?? '');
    } catch (error) {
      if (!String(error).includes('circular')) throw error;
    }
    this.print(String(thing));
    for (let error = thing; error instanceof Error; error = error.cause) {
      this.print(`${error.stack} ${error.message} ${JSON.stringify({ ...error }, asText)}`);
    }
  }

  /** Names of the secrets that were seen, each with the text around it. */
  seen(): string[] {
    const found = new Set<string>();
    for (const text of this.#texts) {
      for (const [name, spelling] of this.#spellings) {
        const at = text.indexOf(spelling);
        if (at >= 0) found.add(`${name}: ...${text.slice(Math.max(0, at - 60), at + 60)}...`);
      }
    }
    return [...found];
  }
}
