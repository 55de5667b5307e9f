import type { ServerRelease } from '../server-release.ts';
import type { AuthScheme } from './auth-scheme.ts';
import { ipv4Bytes, ipv6Bytes, javaInt } from './ip-address.ts';

interface Network {
  readonly bytes: Uint8Array;
  readonly bits: number;
}

/** Addresses: every connection has one. An ACL names one, or a network as `10.0.0.0/8`. */
export class IpScheme implements AuthScheme {
  readonly name = 'ip';
  readonly authenticates = false;
  /** Before 3.9 ACLs could not name IPv6 addresses. */
  readonly #knowsIpv6: boolean;

  constructor(release: ServerRelease) {
    this.#knowsIpv6 = release !== '3.8';
  }

  isValid(aclId: string): boolean {
    return this.#networkOf(aclId) !== null;
  }

  matches(id: string, aclId: string): boolean {
    const network = this.#networkOf(aclId);
    const bytes = network === null ? null : this.#bytesOf(id);
    if (network === null || bytes === null || bytes.length !== network.bytes.length) return false;
    return isWithin(bytes, network);
  }

  userOf(id: string): string {
    return id;
  }

  #networkOf(aclId: string): Network | null {
    const slash = aclId.indexOf('/');
    const bytes = this.#bytesOf(slash < 0 ? aclId : aclId.slice(0, slash));
    if (bytes === null) return null;
    const bitsMax = 8 * bytes.length;
    const bits = slash < 0 ? bitsMax : javaInt(aclId.slice(slash + 1), 10);
    return bits === null || bits < 0 || bits > bitsMax ? null : { bytes, bits };
  }

  #bytesOf(address: string): Uint8Array | null {
    if (this.#knowsIpv6 && address.includes(':')) return ipv6Bytes(address);
    return ipv4Bytes(address);
  }
}

function isWithin(bytes: Uint8Array, { bytes: network, bits }: Network): boolean {
  const whole = bits >> 3;
  for (let index = 0; index < whole; index++) if (bytes[index] !== network[index]) return false;
  const mask = 0xff & ~(0xff >> (bits & 7));
  return mask === 0 || (bytes[whole]! & mask) === (network[whole]! & mask);
}
