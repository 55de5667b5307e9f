import { CODEC_SUBJECTS, CODEC_VARIANTS, type CodecSubject } from '../cases.ts';
import { type BenchResults, type CaseResult, valuesOf } from '../results.ts';
import { pointOf, type ReportChart, type ReportSeries } from './report-chart.ts';
import { codecAllocations } from './tables.ts';

type NamedResults = ReadonlyMap<string, CaseResult>;

/** Time and bytes per record, the two codecs that JavaScript can call. */
export function codecCharts({ cases }: BenchResults): ReportChart[] {
  const named = new Map(cases.map((result) => [result.case.name, result]));
  const subjects = CODEC_SUBJECTS.filter((subject) =>
    CODEC_VARIANTS.some((variant) => named.has(`codec/${subject}/${variant}`)),
  );
  if (subjects.length === 0) return [];
  const counted = [...named.values()].some((result) => codecAllocations(result).length > 0);
  return [
    {
      id: 'codec',
      title: 'Codec: time per record',
      note: 'Lower is better. Replies come 100 in a chunk and are found, matched and decoded; the others are one record without a frame. zkwire’s codec gives data as a view of the chunk, the peer’s as a copy. npm zookeeper has no codec that JavaScript could call.',
      kind: 'bars',
      x: { name: 'record', unit: '', scale: 'linear' },
      y: { name: 'mean time per record', unit: 'ns', scale: 'linear' },
      groups: subjects.map((subject) => subject.replaceAll('-', ' ')),
      marks: [],
      series: seriesOf(named, subjects, (result) => valuesOf(result, 'nsPerRecord')),
    },
    ...(counted ? [allocationChart(named, subjects)] : []),
  ];
}

function allocationChart(named: NamedResults, subjects: readonly CodecSubject[]): ReportChart {
  return {
    id: 'codec-allocation',
    title: 'Codec: bytes allocated per record',
    note: 'Lower is better. On the JavaScript heap and in Buffers outside of it, in iterations between two collections. zkwire gives data as a view and writes requests into a buffer that is used again, and for the peer data and every request are Buffers of their own.',
    kind: 'bars',
    x: { name: 'record', unit: '', scale: 'linear' },
    y: { name: 'allocated per record', unit: 'B', scale: 'linear' },
    groups: subjects.map((subject) => subject.replaceAll('-', ' ')),
    marks: [],
    series: seriesOf(named, subjects, codecAllocations),
  };
}

function seriesOf(
  named: NamedResults,
  subjects: readonly CodecSubject[],
  valuesIn: (result: CaseResult | undefined) => number[],
): ReportSeries[] {
  return CODEC_VARIANTS.map((variant) => {
    const of = (subject: string) => named.get(`codec/${subject}/${variant}`);
    return {
      name: variant,
      version: subjects.map((subject) => of(subject)?.version).find(Boolean) ?? '',
      ours: variant === 'zkwire',
      points: subjects.map((subject, x) => pointOf(x, valuesIn(of(subject)))),
    };
  });
}
