import { type LoadClientName, loadCaseName, type Target } from './cases.ts';
import { DRIVER_NAMES } from './drivers/driver-names.ts';
import { type CaseResult, valuesByTurn, valuesOf } from './results.ts';
import { pairedRatios, spreadOf } from './statistics.ts';

/** One line of the table "what it must show". */
export interface FigureResult {
  id: string;
  label: string;
  must: number;
  aim: number;
  better: 'higher' | 'lower';
  unit: 'share' | 'times' | 'B' | 'MB' | 'ms' | 'events/s';
  /** Median over the turns; null when it was not measured in this run. */
  value: number | null;
  min: number | null;
  max: number | null;
  turns: number;
  verdict: 'aim' | 'must' | 'missed' | 'not measured';
}

interface Figure extends Pick<FigureResult, 'id' | 'label' | 'must' | 'aim' | 'better' | 'unit'> {
  values(cases: ReadonlyMap<string, CaseResult>): number[];
}

const headline = (depth: number, client: LoadClientName): string =>
  loadCaseName('null', 'get', 100, depth, client);

/** zkwire's operations per second over another's, turn by turn. */
function loadRatio(depth: number, other: LoadClientName): Figure['values'] {
  return (cases) =>
    pairedRatios(
      valuesByTurn(cases.get(headline(depth, 'zkwire-promise')), 'opsPerSecond'),
      valuesByTurn(cases.get(headline(depth, other)), 'opsPerSecond'),
    );
}

/** zkwire's operations per second over the most that the Java, C and Go clients did in the same turn. */
function againstBestDriver(cases: ReadonlyMap<string, CaseResult>): number[] {
  const rates = (client: LoadClientName): Map<number, number> =>
    valuesByTurn(cases.get(headline(1024, client)), 'opsPerSecond');
  const others = DRIVER_NAMES.map(rates);
  const best = new Map<number, number>();
  for (const turn of others[0]?.keys() ?? []) {
    const ofTurn = others.map((each) => each.get(turn));
    // The best of two would be no answer where the third did not run.
    if (ofTurn.every((rate) => rate !== undefined)) best.set(turn, Math.max(...ofTurn));
  }
  return pairedRatios(rates('zkwire-promise'), best);
}

/** CPU time of zkwire's process for a get from a real server over that of a peer's, turn by turn. */
function cpuRatio(peer: LoadClientName): Figure['values'] {
  return (cases) => {
    const cpu = (client: LoadClientName): Map<number, number> =>
      valuesByTurn(cases.get(loadCaseName('real', 'get', 100, 128, client)), 'cpuUsPerOp');
    return pairedRatios(cpu('zkwire-promise'), cpu(peer));
  };
}

/** The other's nanoseconds over zkwire's, turn by turn. */
function codecRatio(subject: string): Figure['values'] {
  return (cases) =>
    pairedRatios(
      valuesByTurn(cases.get(`codec/${subject}/node-zookeeper-client`), 'nsPerRecord'),
      valuesByTurn(cases.get(`codec/${subject}/zkwire`), 'nsPerRecord'),
    );
}

/** Operations per second of the embedded server over the real one's, turn by turn, by the bare socket. */
function serverRatio(cases: ReadonlyMap<string, CaseResult>): number[] {
  const rates = (target: Target): Map<number, number> =>
    valuesByTurn(cases.get(loadCaseName(target, 'get', 100, 1024, 'raw-socket')), 'opsPerSecond');
  return pairedRatios(rates('embedded'), rates('real'));
}

function memoryValue(subject: string, name: string): Figure['values'] {
  return (cases) => valuesOf(cases.get(`memory/${subject}`), name);
}

const GET = 'promise get of 100 B, null responder';

/**
 * The raw socket is there twice. Driven as every client is, one promise a request, it is the same job
 * without a codec. In bulk it is the ceiling of the kernel and the responder: no request is told apart.
 */
const BASELINES = {
  'raw-promise': "share of the raw socket's ops/s, one promise a request",
  'raw-socket': "share of the raw socket's ops/s, in bulk",
} as const;

const FIGURES: readonly Figure[] = [
  shareOf('raw-promise', 1024, 0.45, 0.5),
  shareOf('raw-promise', 128, 0.7, 0.8),
  shareOf('raw-promise', 1, 0.95, 0.98),
  shareOf('raw-socket', 1024, 0.45, 0.5),
  shareOf('raw-socket', 128, 0.7, 0.8),
  shareOf('raw-socket', 1, 0.95, 0.98),
  {
    id: 'against-best-of-java-c-go',
    label: `${GET}, depth 1024, against the best of the Java, C and Go clients`,
    must: 20,
    aim: 30,
    better: 'higher',
    unit: 'times',
    values: againstBestDriver,
  },
  againstPeer('zookeeper', 200, 250),
  againstPeer('node-zookeeper-client', 50, 70),
  cpuAgainst('zookeeper', 1 / 5, 1 / 8),
  cpuAgainst('node-zookeeper-client', 2 / 3, 1 / 2),
  {
    id: 'embedded-against-real',
    label: 'get of 100 B, depth 1024, bare socket: embedded server against real ZooKeeper',
    must: 20,
    aim: 30,
    better: 'higher',
    unit: 'times',
    values: serverRatio,
  },
  codecFigure('decode-get-data-reply', 'decode one GetData reply', 30, 60),
  codecFigure('encode-get-data-request', 'encode one GetData request', 10, 15),
  {
    id: 'heap-per-request-in-flight',
    label: 'heap for a request in flight, 1,000,000 in flight',
    must: 300,
    aim: 150,
    better: 'lower',
    unit: 'B',
    values: memoryValue('in-flight-heap', 'heapBytesPerRequest'),
  },
  {
    id: 'rss-growth',
    label: 'growth of RSS over 10 million gets at depth 1024, after warm-up',
    must: 20,
    aim: 5,
    better: 'lower',
    unit: 'MB',
    values: (cases) => memoryValue('rss-growth', 'rssGrowthBytes')(cases).map((b) => b / 1e6),
  },
  {
    id: 'bytes-copied',
    label: 'decode of a 64 KiB payload as a view: bytes copied',
    must: 0,
    aim: 0,
    better: 'lower',
    unit: 'B',
    values: memoryValue('bytes-copied', 'bytesCopiedAsView'),
  },
];

function shareOf(
  baseline: keyof typeof BASELINES,
  depth: number,
  must: number,
  aim: number,
): Figure {
  return {
    id: `share-of-${baseline}-depth-${depth}`,
    label: `${GET}, depth ${depth}: ${BASELINES[baseline]}`,
    must,
    aim,
    better: 'higher',
    unit: 'share',
    values: loadRatio(depth, baseline),
  };
}

function cpuAgainst(peer: LoadClientName, must: number, aim: number): Figure {
  return {
    id: `cpu-against-${peer}`,
    label: `CPU time of a promise get of 100 B, real ZooKeeper, depth 128: share of npm ${peer}'s`,
    must,
    aim,
    better: 'lower',
    unit: 'share',
    values: cpuRatio(peer),
  };
}

function againstPeer(peer: LoadClientName, must: number, aim: number): Figure {
  return {
    id: `against-${peer}`,
    label: `${GET}, depth 1024, against npm ${peer}`,
    must,
    aim,
    better: 'higher',
    unit: 'times',
    values: loadRatio(1024, peer),
  };
}

function codecFigure(subject: string, label: string, must: number, aim: number): Figure {
  return {
    id: subject,
    label: `${label}, against node-zookeeper-client's own code`,
    must,
    aim,
    better: 'higher',
    unit: 'times',
    values: codecRatio(subject),
  };
}

function verdictOf(value: number, { must, aim, better }: Figure): FigureResult['verdict'] {
  const reaches = (bound: number): boolean =>
    better === 'higher' ? value >= bound : value <= bound;
  if (reaches(aim)) return 'aim';
  return reaches(must) ? 'must' : 'missed';
}

/** All figures, also those that this run did not measure. */
export function computeFigures(results: readonly CaseResult[]): FigureResult[] {
  const cases = new Map(results.map((result) => [result.case.name, result]));
  return FIGURES.map(({ values, ...figure }) => {
    const measured = values(cases);
    if (measured.length === 0) {
      return { ...figure, value: null, min: null, max: null, turns: 0, verdict: 'not measured' };
    }
    const { median, min, max } = spreadOf(measured);
    const verdict = verdictOf(median, { values, ...figure });
    return { ...figure, value: median, min, max, turns: measured.length, verdict };
  });
}
