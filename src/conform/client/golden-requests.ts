import { Conversation, OP } from '../../codec/index.ts';
import { RECORDINGS } from '../recordings.gen.ts';

/** A request as a real client sent it. */
export interface GoldenRequest {
  readonly op: number;
  readonly record: Readonly<Record<string, unknown>>;
  /** Bytes behind the request header. */
  readonly body: Buffer;
  /** Which client, in which recording. */
  readonly source: string;
}

let all: readonly GoldenRequest[] | null = null;

/** Every request of the recordings, each of them once. */
export function goldenRequests(): readonly GoldenRequest[] {
  all ??= readAll();
  return all;
}

function readAll(): GoldenRequest[] {
  const found = new Map<string, GoldenRequest>();
  for (const { name, client, frames } of RECORDINGS) {
    let body = Buffer.alloc(0);
    const conversation = new Conversation(({ kind, op, record }) => {
      if (kind !== 'req' || op === undefined) return;
      const key = `${op} ${body.toString('hex', 8)}`;
      if (found.has(key)) return;
      found.set(key, {
        op,
        record: (record ?? {}) as Record<string, unknown>,
        body: body.subarray(8),
        source: `${client}, recorded in ${name}`,
      });
    });
    for (const frame of frames) {
      const [, number, mark, hex] = /^(\d+)([<>])(.*)$/.exec(frame) as unknown as string[];
      if (mark === '<') continue;
      body = Buffer.from(hex ?? '', 'hex');
      const prefix = Buffer.alloc(4);
      prefix.writeInt32BE(body.length);
      conversation.push(Number(number), 'c2s', Buffer.concat([prefix, body]));
    }
  }
  return [...found.values()];
}

/** Whether an ACL lets everybody do everything: drivers make nodes with no other. */
export function isOpen(acl: unknown): boolean {
  const [entry, ...others] = (acl ?? []) as { perms: number; id: { scheme: string } }[];
  return others.length === 0 && entry?.perms === 31 && entry.id.scheme === 'world';
}

/** Whether a node can be named in a line: it has a name, and no white space in it but blanks. */
export function isNameable(path: unknown): path is string {
  return typeof path === 'string' && path.startsWith('/') && !/[\t\r\n]/.test(path);
}

/** Operations that a client may choose between: their records are the same. */
export const SAME_RECORD: Readonly<Record<number, readonly number[]>> = {
  [OP.create]: [OP.create, OP.create2],
  [OP.create2]: [OP.create, OP.create2],
  [OP.getChildren]: [OP.getChildren, OP.getChildren2],
  [OP.getChildren2]: [OP.getChildren, OP.getChildren2],
};
