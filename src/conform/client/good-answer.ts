import { JuteWriter, OP, operationOf, writeMultiResponse } from '../../codec/index.ts';
import type { HeardRequest } from '../script/heard-frame.ts';
import { statWith } from '../script/server-frames.ts';

/** Everybody may do everything. */
const OPEN = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

/** What a server that has every node, empty, would answer: the body behind the header. */
export function goodAnswer(request: HeardRequest): Uint8Array | object | null {
  const { op, record } = request;
  if (op === OP.multi) return multiAnswer(record as unknown as { op: number; path: string }[]);
  const stat = statWith();
  const fields: Readonly<Record<number, object>> = {
    [OP.create]: { path: record.path },
    [OP.create2]: { path: record.path, stat },
    [OP.createContainer]: { path: record.path, stat },
    [OP.createTTL]: { path: record.path, stat },
    [OP.exists]: { stat },
    [OP.getData]: { data: Buffer.from('v'), stat },
    [OP.setData]: { stat },
    [OP.getACL]: { acl: OPEN, stat },
    [OP.setACL]: { stat },
    [OP.getChildren]: { children: ['child'] },
    [OP.getChildren2]: { children: ['child'], stat },
    [OP.sync]: { path: record.path },
    [OP.addWatch]: { err: 0 },
    [OP.sasl]: { token: null },
  };
  const known = fields[op];
  if (known !== undefined) return known;
  if (operationOf(op)?.response == null) return null;
  throw new Error(`there is no answer to operation ${op}`);
}

function multiAnswer(steps: readonly { op: number; path: string }[]): Buffer {
  const writer = JuteWriter.standalone();
  const stat = statWith();
  const results = steps.map(({ op, path }) => {
    if (op === OP.create) return { op, path };
    if (op === OP.setData) return { op, stat };
    if (op === OP.delete || op === OP.check) return { op };
    return { op: OP.create2, path, stat };
  });
  writeMultiResponse(writer, results as Parameters<typeof writeMultiResponse>[1]);
  return writer.finished();
}
