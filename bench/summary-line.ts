import { megabytes, rate, significant } from './format.ts';
import { type CaseResult, valuesOf } from './results.ts';
import { median } from './statistics.ts';

/** One line about a case that is done, for the progress. */
export function summaryLine(result: CaseResult): string {
  if (result.notSupported !== undefined) return `not supported: ${result.notSupported}`;
  const failed = result.failures.length;
  if (result.turns.length === 0) return `FAILED: ${result.failures[0]?.reason ?? 'no turn ran'}`;
  const text = measuredText(result);
  return failed === 0 ? text : `${text}; ${failed} of ${result.case.turns} turns failed`;
}

function measuredText(result: CaseResult): string {
  const of = (name: string): number => median(valuesOf(result, name));
  const benchCase = result.case;
  switch (benchCase.kind) {
    case 'load':
      return `${rate(of('opsPerSecond'))} ops/s, p50 ${significant(of('p50Us'))} us, ${significant(of('cpuUsPerOp'))} us CPU/op`;
    case 'codec':
      return `${significant(of('nsPerRecord'))} ns`;
    case 'memory':
      if (benchCase.subject === 'in-flight-heap') {
        return `${significant(of('heapBytesPerRequest'))} B of heap a request`;
      }
      if (benchCase.subject === 'rss-growth')
        return `RSS grew by ${megabytes(of('rssGrowthBytes'))}`;
      return `${significant(of('bytesCopiedAsView'))} bytes copied`;
  }
}
