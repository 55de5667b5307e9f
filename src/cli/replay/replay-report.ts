import type { Difference } from '../../conform/masked-conversation.ts';
import type { ReplayDifference, ReplaySummary } from './replayer.ts';

/** Longest value in a line. */
const VALUE_CHARS_MAX = 120;

/** Fields that may hold a secret: a password, a token, the hash in an ACL, bytes that could not be decoded. */
const SECRET = /(^|\.)(passwd|token|id|body)$/;

/** A difference, as lines for people. */
export function differenceText(difference: ReplayDifference): string {
  const { frame, conn, recorded, came, field } = difference;
  const where = frame === null ? `connection ${conn}` : `frame ${frame}`;
  const lines = [`${where}: ${wordsFor(difference)}`];
  if (field !== null) lines[0] += `: ${fieldText(field)}`;
  if (recorded !== null) lines.push(`  recorded: ${recorded}`);
  if (came !== null) lines.push(`  came:     ${came}`);
  return lines.join('\n');
}

function wordsFor({ kind }: ReplayDifference): string {
  switch (kind) {
    case 'answer':
      return 'another answer';
    case 'order':
      return 'it came before its turn';
    case 'missing':
      return 'it did not come in time';
    case 'ended':
      return 'the connection ended before it came';
    case 'unexpected':
      return 'nothing of the kind was recorded';
    case 'text':
      return 'another answer to a four-letter word';
  }
}

function fieldText({ at, expected, actual }: Difference): string {
  if (SECRET.test(at)) return `${at} is another`;
  return `${at} was ${show(expected)}, is ${show(actual)}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'not there';
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}…` : text;
}

/** The same as plain data: what was recorded and what came as decoded text. */
export function differenceJson(difference: ReplayDifference): Record<string, unknown> {
  const { kind, conn, frame, field, recorded, came } = difference;
  const values =
    field === null || SECRET.test(field.at)
      ? {}
      : { expected: field.expected ?? null, actual: field.actual ?? null };
  return {
    kind: 'difference',
    what: kind,
    conn,
    frame,
    ...(field === null ? {} : { field: field.at, ...values }),
    recorded,
    came,
  };
}

/** What came of it, in one line. */
export function summaryText(summary: ReplaySummary): string {
  const { connections, sent, notSent, compared, differences, durationMs, interrupted } = summary;
  const unsent = notSent > 0 ? `, ${notSent} not sent` : '';
  const verdict = differences === 0 ? 'all as recorded' : `${differences} differences`;
  return (
    `${sent} frames sent on ${connections} connections${unsent}, ${compared} answers compared, ` +
    `${verdict}, in ${(durationMs / 1_000).toFixed(1)} s${interrupted ? '; interrupted' : ''}`
  );
}
