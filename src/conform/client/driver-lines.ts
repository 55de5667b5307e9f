/** What a driver answered to a command. */
export type DriverAnswer =
  | { readonly kind: 'ok'; readonly words: readonly string[] }
  | {
      readonly kind: 'error';
      /** A number of ZooKeeper's, the client's own name for it, or `untyped`. */
      readonly code: string;
      readonly text: string;
    }
  | { readonly kind: 'unsupported' };

/** A watch event that a driver told of. */
export interface DriverEvent {
  /** `created`, `deleted`, `changed` or `children`; anything else is a session event. */
  readonly type: string;
  /** Of the node; empty in a session event. */
  readonly path: string;
}

/** A line of a driver. */
export type DriverLine =
  | { readonly id: number; readonly answer: DriverAnswer }
  | { readonly event: DriverEvent };

/** Reads a line of a driver; null when it is none, such as what a library prints by itself. */
export function parseDriverLine(line: string): DriverLine | null {
  const [first = '', kind, ...words] = line.split('\t');
  if (first === 'event') {
    const [path = ''] = words;
    return kind === undefined ? null : { event: { type: kind, path } };
  }
  if (!/^\d{1,9}$/.test(first)) return null;
  const id = Number(first);
  if (kind === 'ok') return { id, answer: { kind, words } };
  if (kind === 'unsupported') return { id, answer: { kind } };
  if (kind !== 'error') return null;
  const [code = 'untyped', ...text] = words;
  return { id, answer: { kind, code, text: text.join(' ') } };
}

/** Node data as a word: hex digits, `-` for no bytes, `null` for null. */
export function dataWord(data: Uint8Array | null): string {
  if (data === null) return 'null';
  return data.length === 0 ? '-' : Buffer.from(data).toString('hex');
}

/** Whether the failure is one that callers can tell from others. */
export function isTyped(code: string): boolean {
  return code !== 'untyped' && code !== '';
}
