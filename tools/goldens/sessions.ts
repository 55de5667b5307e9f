import type { ClientLibrary } from './toolchain.ts';

/**
 * What a session is recorded against:
 * - `standalone`: one server with TTL nodes on, reconfiguration off (the default);
 * - `sasl`: one server that knows the SASL user of {@link SASL_USER};
 * - `ensemble`: three servers, reconfiguration on, with the super user of {@link SUPER_USER};
 * - `readonly`: one live server of three, in read-only mode, with local sessions;
 * - `readonly-refusing`: the same without local sessions (the default).
 */
export type ServerKind = 'standalone' | 'sasl' | 'ensemble' | 'readonly' | 'readonly-refusing';

/** Super user of the ensemble, as `user:password`. */
export const SUPER_USER = 'super:secret';

/** The user that the SASL server knows. */
export const SASL_USER = { name: 'bob', password: 'bobsecret' };

/** One recorded session: a run of a client's driver with one topic. */
export interface GoldenSession {
  client: ClientLibrary['name'];
  /** Of the driver; also in the name of the capture. */
  topic: string;
  server: ServerKind;
  description: string;
  /** Password that the Java client has in its JAAS configuration; none when left out. */
  saslPassword?: string;
}

const EVERY_CLIENT = ['java', 'c', 'kazoo', 'go'] as const;

const COMMON_TOPICS = [
  ['basic', 'create in the modes that the client has, delete, exists, reads, writes and refusals'],
  ['acl', 'digest authentication, reading and setting ACLs'],
  ['multi', 'a transaction that is carried out, and one that is not'],
  ['watches', 'one-shot watches of every kind, each fired'],
  ['reconnect', 'the connection is cut and the client comes back: resume, auth and watches again'],
  ['session', 'short session time-out with pings, then the end of the session'],
] as const;

const JAVA_TOPICS = [
  ['auth', 'standalone', 'a scheme that the server does not know'],
  ['large', 'standalone', '70,000 bytes of data, sixty children, a multi of sixty operations'],
  ['reconfig-refused', 'standalone', 'reconfiguration while it is switched off'],
  ['reconfig', 'ensemble', 'a server removed from the ensemble and added again'],
  ['readonly', 'readonly', 'reads from a server in read-only mode, and a refused write'],
  ['readonly-refused', 'readonly-refusing', 'a handshake refused by a server in read-only mode'],
] as const;

/** Everything that `npm run goldens` records, in this order. */
export const GOLDEN_SESSIONS: readonly GoldenSession[] = [
  ...EVERY_CLIENT.flatMap((client) =>
    COMMON_TOPICS.map(([topic, description]) => ({
      client,
      topic,
      server: 'standalone' as const,
      description,
    })),
  ),
  ...JAVA_TOPICS.map(([topic, server, description]) => ({
    client: 'java' as const,
    topic,
    server,
    description,
  })),
  {
    client: 'kazoo',
    topic: 'reconfig',
    server: 'ensemble',
    description: 'a server removed from the ensemble and added again',
  },
  {
    client: 'java',
    topic: 'sasl',
    server: 'sasl',
    description: 'SASL with DIGEST-MD5, then a node that only this user may use',
    saslPassword: SASL_USER.password,
  },
  {
    client: 'java',
    topic: 'sasl-refused',
    server: 'sasl',
    description: 'SASL with a wrong password',
    saslPassword: 'wrong',
  },
];
