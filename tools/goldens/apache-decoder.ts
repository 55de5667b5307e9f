import { spawnSync } from 'node:child_process';
import type { CapturedFrame, FrameKind } from './frames.ts';
import type { CommandLine } from './toolchain.ts';
import { JUTE_JAR, javaCommand } from './toolchain.ts';

/** JSON as Apache's record classes hold it: longs as decimal strings, buffers in hex. */
export type JuteValue =
  | null
  | boolean
  | number
  | string
  | JuteValue[]
  | { [name: string]: JuteValue };

/** A decoded frame, as `zkwire decode --json` prints it, but for `conn` and `dir`. */
export interface FrameValue {
  kind: FrameKind;
  op?: number;
  bytes: number;
  header?: JuteValue;
  type?: string;
  record?: JuteValue;
  readOnly?: boolean;
}

/** What Apache's classes read from a frame. */
export interface DecodedFrame {
  value: FrameValue;
  /** Apache's serializer, with strings in UTF-8, writes the same bytes again from what was read. */
  reencodes: boolean;
}

/** A record written by Apache's serializer, without header and length. */
interface WrittenRecord {
  type: string;
  variant: string;
  hex: string;
  record: JuteValue;
}

interface DecoderLine {
  failure?: string;
  header?: JuteValue;
  type?: string;
  record?: JuteValue;
  readOnly?: boolean;
  rest: number;
  reencodes: boolean;
}

const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;

function jsonLines(command: CommandLine, input: string): unknown[] {
  const { program, arguments: args } = command;
  const result = spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: OUTPUT_BYTES_MAX });
  if (result.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${result.stderr}`);
  return result.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function frameValue({ kind, op, hex }: CapturedFrame, line: DecoderLine): FrameValue {
  return {
    kind,
    ...(op === null ? {} : { op }),
    bytes: hex.length / 2 - 4,
    ...(line.header === undefined ? {} : { header: line.header }),
    ...(line.type === undefined ? {} : { type: line.type }),
    ...(line.record === undefined ? {} : { record: line.record }),
    ...(line.readOnly === undefined ? {} : { readOnly: line.readOnly }),
  };
}

/** Decodes frames with Apache's own classes. Throws if one of them cannot be decoded to its end. */
export function decodeWithApache(
  buildDirectory: string,
  frames: readonly CapturedFrame[],
): DecodedFrame[] {
  const input = frames.map(({ kind, op, hex }) => `${kind} ${op ?? 0} ${hex}\n`).join('');
  const lines = jsonLines(javaCommand(buildDirectory, 'DecodeFrames', []), input) as DecoderLine[];
  return frames.map((frame, index) => {
    const line = lines[index];
    if (line === undefined || line.failure !== undefined || line.rest !== 0) {
      throw new Error(`Apache's classes cannot read ${JSON.stringify(frame)}: ${line?.failure}`);
    }
    return { value: frameValue(frame, line), reencodes: line.reencodes };
  });
}

/** Every record of Apache's data and proto modules in several variants. */
export function recordsFromApache(buildDirectory: string): WrittenRecord[] {
  return jsonLines(javaCommand(buildDirectory, 'WriteRecords', [JUTE_JAR]), '') as WrittenRecord[];
}
