import { OP } from '../../src/codec/index.ts';
import type { Random } from '../simulation/random.ts';
import type { Field, RequestPlan } from './step.ts';
import type { Vocabulary } from './vocabulary.ts';

const REFUSED_SCHEMES = [
  ...['nosuch', 'world', 'auth', 'super', '', 'x509', 'sasl', 'DIGEST', 'digest ', 'ensemble', 'é'],
  null,
];

/** Credentials that a server takes, or a token of SASL: it answers at once. */
export function drawLogin(words: Vocabulary): RequestPlan {
  const { random } = words;
  const extra = random.chance(0.04) ? { extraBytes: random.int(1, 20) } : {};
  const xid = random.chance(0.9) ? -4 : random.pick([0, 5, -5, 555, -2]);
  if (random.chance(0.15)) {
    const odd = random.chance(0.3) ? { xid } : {};
    return { op: OP.sasl, parts: [[['d', random.pick(['', 'token'])]]], ...odd, ...extra };
  }
  const type = words.odd() ? random.pick([1, -1, 2 ** 31 - 1]) : 0;
  const address: Field = ['d', random.pick([null, '', '10.0.0.1', 'nobody'])];
  const request = random.chance(0.9)
    ? authRequest('digest', words.login(), xid, type)
    : authRequest('ip', address, xid, type);
  return { ...request, ...extra };
}

/** Credentials that cost the connection. */
export function refusedLogin(random: Random): RequestPlan {
  if (random.chance(0.2)) return authRequest('digest', ['d', null], -4);
  const scheme = random.pick(REFUSED_SCHEMES);
  return authRequest(scheme, ['d', random.pick(['alice:secret', '', null])], -4);
}

/** What ends the connection without a word. Alone: what came before it is answered by chance. */
export function unreadableLogin(words: Vocabulary): RequestPlan {
  const { random } = words;
  if (random.chance(0.3)) return { op: OP.sasl, parts: [[['d', null]]] };
  const { extraBytes: _, ...request } = drawLogin(words);
  return { ...request, cutBytes: random.int(1, 16) };
}

function authRequest(scheme: string | null, credential: Field, xid: number, type = 0): RequestPlan {
  return { op: OP.auth, xid, parts: [[['i', type], ['s', scheme], credential]] };
}
