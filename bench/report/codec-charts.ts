import { CODEC_SUBJECTS, CODEC_VARIANTS } from '../cases.ts';
import { type BenchResults, valuesOf } from '../results.ts';
import { pointOf, type ReportChart } from './report-chart.ts';

/** Time per record, the two codecs that JavaScript can call. */
export function codecCharts({ cases }: BenchResults): ReportChart[] {
  const named = new Map(cases.map((result) => [result.case.name, result]));
  const subjects = CODEC_SUBJECTS.filter((subject) =>
    CODEC_VARIANTS.some((variant) => named.has(`codec/${subject}/${variant}`)),
  );
  if (subjects.length === 0) return [];
  return [
    {
      id: 'codec',
      title: 'Codec: time per record',
      note: 'Lower is better. Replies come 100 in a chunk and are found, matched and decoded; the others are one record without a frame. npm zookeeper has no codec that JavaScript could call.',
      kind: 'bars',
      x: { name: 'record', unit: '', scale: 'linear' },
      y: { name: 'mean time per record', unit: 'ns', scale: 'linear' },
      groups: subjects.map((subject) => subject.replaceAll('-', ' ')),
      marks: [],
      series: CODEC_VARIANTS.map((variant) => {
        const of = (subject: string) => named.get(`codec/${subject}/${variant}`);
        return {
          name: variant,
          version: subjects.map((subject) => of(subject)?.version).find(Boolean) ?? '',
          ours: variant === 'zkwire',
          points: subjects.map((subject, x) => pointOf(x, valuesOf(of(subject), 'nsPerRecord'))),
        };
      }),
    },
  ];
}
