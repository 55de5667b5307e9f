import { type JuteReader, OP } from '../../codec/index.ts';
import { WireError } from '../../errors.ts';

/** Requests that do not begin with a path. */
const WITHOUT_PATH: ReadonlySet<number> = new Set([
  OP.ping,
  OP.multi,
  OP.multiRead,
  OP.auth,
  OP.sasl,
  OP.setWatches,
  OP.setWatches2,
  OP.reconfig,
  OP.whoAmI,
  OP.closeSession,
  OP.createSession,
]);

/** The path that a request is about; null when it has none or cannot be read. The reader stays where it is. */
export function requestPath(reader: JuteReader, op: number): string | null {
  if (WITHOUT_PATH.has(op)) return null;
  const start = reader.offset;
  try {
    return reader.ustring();
  } catch (cause) {
    if (cause instanceof WireError) return null;
    throw cause;
  } finally {
    reader.offset = start;
  }
}
