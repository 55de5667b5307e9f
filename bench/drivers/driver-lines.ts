import type { JobMessage, JobResult } from '../jobs.ts';

/** What one line of a driver says; null for what is none of its lines, such as a warning of the run time. */
export function parseDriverLine(
  line: string,
  subject: string,
  version: string,
): JobMessage<JobResult> | null {
  const said = parseObject(line);
  if (said === null) return null;
  const { type, phase, reason } = said;
  if (type === 'phase' && (phase === 'measuring' || phase === 'measured')) return { type, phase };
  if (type === 'failed') return { type, reason: String(reason) };
  if (type !== 'result') return null;
  // The Go library knows no version of its own.
  const own = typeof said.version === 'string' && said.version !== '' ? said.version : version;
  return { type, result: { subject, version: own, values: valuesOf(said.values) } };
}

function parseObject(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function valuesOf(named: unknown): Record<string, number | null> {
  if (typeof named !== 'object' || named === null) throw new Error('a result without values');
  return Object.fromEntries(
    Object.entries(named).map(([name, value]) => [name, typeof value === 'number' ? value : null]),
  );
}
