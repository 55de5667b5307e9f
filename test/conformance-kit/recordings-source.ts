import { readFileSync } from 'node:fs';

/** Recorded conversations that the kit replays. Each is whole: nobody else wrote meanwhile. */
const SESSIONS: readonly string[] = [
  'java-basic',
  'java-acl',
  'java-multi',
  'java-watches',
  'java-3.9.5-operations',
  'c-basic',
  'c-multi',
  'go-basic',
  'go-acl',
  'kazoo-basic',
  'kazoo-multi',
];

interface Session {
  readonly client: string;
  readonly client_version: string;
  readonly server_version: string;
  readonly description: string;
  readonly records: readonly { conn: number; dir: 'c2s' | 's2c'; hex: string }[];
}

/** Text of src/conform/recordings.gen.ts: the frames of test/fixtures/sessions, without their length prefixes. */
export function recordingsSource(): string {
  const entries = SESSIONS.map((name) => {
    const file = new URL(`../fixtures/sessions/${name}.json`, import.meta.url);
    const session = JSON.parse(readFileSync(file, 'utf8')) as Session;
    const frames = framesOf(session).map((frame) => `      '${frame}',`);
    return `  {
    name: '${name}',
    client: '${session.client} ${session.client_version}',
    server: '${session.server_version}',
    description: '${session.description}',
    frames: [
${frames.join('\n')}
    ],
  },`;
  });
  return `// GENERATED from test/fixtures/sessions by test/conformance-kit/recordings.test.ts. Do not edit:
// run \`npx vitest run -u test/conformance-kit/recordings.test.ts\`.

/** A recorded conversation: every frame without its length, in the order in which it became whole. */
export interface Recording {
  readonly name: string;
  readonly client: string;
  /** Version of the server that answered. */
  readonly server: string;
  readonly description: string;
  /** Number of the connection, \`>\` to the server or \`<\` from it, and the frame in hex. */
  readonly frames: readonly string[];
}

/** Real clients and a real server. */
export const RECORDINGS: readonly Recording[] = [
${entries.join('\n')}
];
`;
}

function framesOf({ records }: Session): string[] {
  const rests = new Map<string, Buffer>();
  const frames: string[] = [];
  for (const { conn, dir, hex } of records) {
    const key = `${conn}${dir === 'c2s' ? '>' : '<'}`;
    let bytes = Buffer.concat([rests.get(key) ?? Buffer.alloc(0), Buffer.from(hex, 'hex')]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
      const end = 4 + bytes.readInt32BE(0);
      frames.push(`${key}${bytes.toString('hex', 4, end)}`);
      bytes = bytes.subarray(end);
    }
    rests.set(key, bytes);
  }
  return frames;
}
