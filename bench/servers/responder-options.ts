import type { BenchCase } from '../cases.ts';
import type { NullResponderOptions } from './null-responder.ts';

/** What the null responder of a case is to answer; null when the case does not run on one. */
export function responderOptions(benchCase: BenchCase): NullResponderOptions | null {
  if (benchCase.kind === 'memory') {
    return { payloadBytes: 100, silent: benchCase.subject === 'in-flight-heap' };
  }
  if (benchCase.kind !== 'load' || benchCase.target !== 'null') return null;
  const { payloadBytes, childCount = 0, operation } = benchCase;
  return { payloadBytes, childCount, mixed: operation === 'mixed' };
}
