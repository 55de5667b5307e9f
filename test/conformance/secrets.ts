import type { GoldenValue, Json } from './golden-fixtures.ts';

/** Buffers that hold a secret, by the name of their field. */
const SECRET_BUFFERS: ReadonlySet<string> = new Set(['passwd', 'auth', 'token']);

/** Shorter texts turn up by chance. */
const SECRET_CHARS_MIN = 4;

/** What a golden holds that nobody may see: passwords, credentials, tokens, hashes; in hex and as text. */
export function secretsOf(value: GoldenValue): string[] {
  return [...secretsIn(value.record ?? null)].filter((text) => text.length >= SECRET_CHARS_MIN);
}

function* secretsIn(value: Json, name = ''): Generator<string> {
  if (Array.isArray(value)) {
    for (const one of value) yield* secretsIn(one, name);
  } else if (typeof value === 'object' && value !== null) {
    const { scheme, id } = value;
    if (scheme === 'digest' && typeof id === 'string' && id.includes(':')) {
      yield id.slice(id.indexOf(':') + 1);
    }
    for (const [field, inner] of Object.entries(value)) yield* secretsIn(inner, field);
  } else if (typeof value === 'string' && SECRET_BUFFERS.has(name)) {
    yield value;
    yield Buffer.from(value, 'hex').toString('latin1');
  }
}
