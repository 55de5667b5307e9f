import type { X509Certificate } from 'node:crypto';
import type { ACL, ClientInfo, Id } from '../../codec/index.ts';
import { readJavaText } from '../../codec/java-text.ts';
import type { ServerRelease } from '../server-release.ts';
import { fixedAcl, type SchemeByName } from './acl-fixup.ts';
import type { AuthScheme } from './auth-scheme.ts';
import { certificateSubject } from './certificate-subject.ts';
import type { ConnectionIds } from './connection-ids.ts';
import { DigestScheme } from './digest-scheme.ts';
import { IpScheme } from './ip-scheme.ts';
import { SASL_SCHEME } from './sasl-scheme.ts';
import { X509Scheme } from './x509-scheme.ts';

/** Who is let in how, and who may do everything. */
export interface AccessOptions {
  readonly release: ServerRelease;
  /** Everybody may do everything; ACLs still have to make sense. */
  readonly skipAcl: boolean;
  /** `super:` and a digest; undefined: nobody is super by password. */
  readonly superDigest: string | undefined;
  /** As `node:crypto` names it. */
  readonly digestAlgorithm: string;
  /** There is SASL, so ACLs may have its names. */
  readonly hasSasl: boolean;
  /** There is TLS, so ACLs may have the subjects of certificates. */
  readonly hasTls: boolean;
  /** Subject of a certificate who may do everything. Default: nobody. */
  readonly x509SuperUser?: string | undefined;
  /** User of SASL who may do everything. Default: nobody. */
  readonly saslSuperUser?: string | undefined;
  /** The names of scheme `ensemble` that clients may give this server; empty: any. Default: no such scheme. */
  readonly ensembleNames?: ReadonlySet<string> | undefined;
}

/**
 * What an auth request leads to:
 * - `accepted`: answer 0.
 * - `refused`: answer AUTHFAILED, and close.
 * - `closed`: close without an answer, so that the client tries another server.
 */
export type AuthOutcome = 'accepted' | 'refused' | 'closed';

/** Who may do what: schemes, permission checks, and what becomes of the ACLs and credentials of clients. */
export class AccessControl {
  readonly #options: AccessOptions;
  readonly #digest: DigestScheme;
  readonly #schemes: ReadonlyMap<string, AuthScheme>;
  readonly #schemeOf: SchemeByName;

  constructor(options: AccessOptions) {
    const digest = new DigestScheme(options.digestAlgorithm);
    const schemes: AuthScheme[] = [new IpScheme(options.release), digest];
    if (options.hasSasl) schemes.push(SASL_SCHEME);
    if (options.hasTls) schemes.push(new X509Scheme(options.x509SuperUser));
    this.#options = options;
    this.#digest = digest;
    this.#schemes = new Map(schemes.map((scheme) => [scheme.name, scheme]));
    this.#schemeOf = (name) => this.#schemes.get(name);
  }

  /** Whether one with `ids` may do what all of `permission` (bits of PERMISSION) say; one bit is enough. */
  allows(acl: readonly ACL[], permission: number, ids: readonly Id[]): boolean {
    const first = acl[0];
    // Nearly every node of nearly every server is open to everybody.
    if (first === undefined || isOpenTo(first, permission)) return true;
    return this.#options.skipAcl || isSuper(ids) || this.#isGranted(acl, permission, ids);
  }

  #isGranted(acl: readonly ACL[], permission: number, ids: readonly Id[]): boolean {
    for (const entry of acl) {
      if ((entry.perms & permission) === 0) continue;
      if (isOpenTo(entry, permission)) return true;
      const scheme = this.#schemes.get(entry.id.scheme ?? '');
      if (scheme === undefined) continue;
      for (const id of ids) {
        if (id.scheme === scheme.name && scheme.matches(id.id ?? '', entry.id.id ?? '')) {
          return true;
        }
      }
    }
    return false;
  }

  /** The ACL that a node gets when one with `ids` asks for `acl`; below 0: the code of its refusal. */
  fixed(acl: readonly ACL[] | null, ids: readonly Id[]): readonly ACL[] | number {
    return fixedAcl(acl, ids, this.#schemeOf);
  }

  /** One auth request of a connection. What was shown is not kept, only the id that it proves. */
  authenticate(scheme: string | null, auth: Buffer | null, ids: ConnectionIds): AuthOutcome {
    switch (scheme) {
      case 'digest':
        return auth !== null && this.#addDigest(readJavaText(auth, 0, auth.length), ids)
          ? 'accepted'
          : 'refused';
      // Both are known without asking; a connection without a certificate cannot get one.
      case 'ip':
        return 'accepted';
      case 'x509':
        return ids.list.some((id) => id.scheme === 'x509') ? 'accepted' : 'refused';
      case 'ensemble':
        return this.#expects(auth);
      default:
        return 'refused';
    }
  }

  #addDigest(credential: string, ids: ConnectionIds): boolean {
    const id = this.#digest.idOf(credential);
    if (id === this.#options.superDigest && !ids.add({ scheme: 'super', id: '' })) return false;
    return ids.add({ scheme: 'digest', id });
  }

  #expects(auth: Buffer | null): AuthOutcome {
    const names = this.#options.ensembleNames;
    if (names === undefined) return 'refused';
    if (names.size === 0 || auth === null || auth.length === 0) return 'accepted';
    return names.has(auth.toString('utf8')) ? 'accepted' : 'closed';
  }

  /** A connection has come with a certificate that TLS trusts. False: it is none, or cannot be kept. */
  addCertificate(certificate: X509Certificate, ids: ConnectionIds): boolean {
    const id = certificateSubject(certificate.raw);
    if (id === null) return false;
    if (id === this.#options.x509SuperUser && !ids.add({ scheme: 'super', id })) return false;
    return ids.add({ scheme: 'x509', id });
  }

  /** A connection has logged in as `user` with SASL. False: the id cannot be kept. */
  addSaslUser(user: string, ids: ConnectionIds): boolean {
    if (!ids.add({ scheme: 'sasl', id: user })) return false;
    return user !== this.#options.saslSuperUser || ids.add({ scheme: 'super', id: '' });
  }

  /** What whoAmI answers: ids without what is secret about them. */
  clientInfos(ids: readonly Id[]): ClientInfo[] {
    return ids.map(({ scheme, id }) => ({
      authScheme: scheme,
      user: this.#schemes.get(scheme ?? '')?.userOf(id ?? '') ?? '',
    }));
  }
}

function isOpenTo(entry: ACL, permission: number): boolean {
  const { perms, id } = entry;
  return (perms & permission) !== 0 && id.id === 'anyone' && id.scheme === 'world';
}

function isSuper(ids: readonly Id[]): boolean {
  for (const id of ids) if (id.scheme === 'super') return true;
  return false;
}
