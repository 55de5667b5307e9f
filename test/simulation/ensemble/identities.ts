import type { AuthPacket, Id } from '../../../src/codec/records.gen.ts';
import { SaslDigestMd5 } from '../../../src/server/auth/sasl-digest-md5.ts';
import type { Random } from '../random.ts';
import { digestId } from './acl.ts';

/** The answer to a token of a SASL exchange. */
export interface LoginStep {
  readonly isRefused: boolean;
  /** The client is known from now on. */
  readonly isOver: boolean;
  readonly token: Buffer | null;
}

/** By what a server knows a connection. */
export class Identities {
  list: readonly Id[] = [{ scheme: 'ip', id: '127.0.0.1' }];
  readonly #login: SaslDigestMd5 | null;

  /** `saslUsers` null: a server without SASL. */
  constructor(saslUsers: ReadonlyMap<string, string> | null, random: Random) {
    const nonce = (bytes: number): Buffer => random.bytes(bytes);
    this.#login = saslUsers === null ? null : new SaslDigestMd5(saslUsers, nonce);
  }

  /** Takes a credential; false: it is refused. */
  add({ scheme, auth }: AuthPacket): boolean {
    if (scheme !== 'digest') return false;
    this.list = [...this.list, digestId((auth ?? Buffer.alloc(0)).toString())];
    return true;
  }

  /** Takes a token of SASL. A server without it answers each with success, and none of its own. */
  login(token: Uint8Array | null): LoginStep {
    if (this.#login === null) return { isRefused: false, isOver: true, token: null };
    const step = this.#login.step(token ?? Buffer.alloc(0));
    if (step.state === 'failed') return { isRefused: true, isOver: false, token: null };
    const isOver = step.state === 'done';
    if (isOver) this.list = [...this.list, { scheme: 'sasl', id: step.user }];
    return { isRefused: false, isOver, token: Buffer.from(step.token) };
  }
}
