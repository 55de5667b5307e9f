import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allCases, type BenchCase, CODEC_SUBJECTS, type CodecCase } from '../cases.ts';
import { runJob, runScript } from '../child-process.ts';
import type { JobResult } from '../jobs.ts';
import { DEFAULT_TIMES, planMs, turnMs } from '../plan.ts';
import type { Progress } from '../progress.ts';
import { valuesByTurn } from '../results.ts';
import { runCases } from '../runner.ts';
import { WHOLE_SCALE } from '../server/measurement.ts';
import { measureStart } from '../server/start-times.ts';
import { RealServers } from '../servers/real-servers.ts';
import { pairedRatios } from '../statistics.ts';
import { watchCases } from '../watches/cases.ts';
import { WATCHES_LANE } from '../watches/lane.ts';

/** Ratios by row, one a turn; more is better in all of them. */
export type Measured = Map<string, number[]>;

/** Rows that are measured together, turn by turn. */
export interface CheckGroup {
  /** What `--filter` is matched against. */
  readonly name: string;
  readonly rows: readonly string[];
  /** Estimate for one turn. */
  readonly turnMs: number;
  measure(turns: number, progress: Progress): Promise<Measured>;
}

const HERE = dirname(fileURLToPath(import.meta.url));
const REFERENCE = join(HERE, 'reference-child.js');
const REFERENCE_MS = 700;
/** Over what a short turn takes, on a machine that does much else. */
const TURN_TIMEOUT_MS = 30_000;
const CHECKED = ['zkwire-promise', 'zkwire-callback'] as const;
const WATCHES = 10_000;

/** Everything that must not become slower. */
export function checkGroups(): CheckGroup[] {
  return [
    ...[1, 128, 1024].map((depth) => loadGroup(`get/100B/depth-${depth}`, 'raw-promise')),
    loadGroup('set/100B/depth-128', 'raw-socket'),
    codecGroup(),
    startGroup(),
    watchGroup(),
  ];
}

function caseNamed<C extends BenchCase>(name: string): C {
  const found = allCases().find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no case ${name}`);
  return found as C;
}

/** zkwire's operations per second over those of a bare socket, against the null responder. */
function loadGroup(place: string, baseline: 'raw-promise' | 'raw-socket'): CheckGroup {
  const cases = [baseline, ...CHECKED].map((client) => caseNamed(`load/null/${place}/${client}`));
  const rowOf = (client: string): string => `${place}: ${client} / ${baseline}`;
  return {
    name: `load/${place}`,
    rows: CHECKED.map(rowOf),
    turnMs: cases.reduce((sum, each) => sum + turnMs(each, DEFAULT_TIMES), 0),
    async measure(turns, progress) {
      const repeated = cases.map((each) => ({ ...each, turns }));
      const results = await runCases(repeated, {
        times: DEFAULT_TIMES,
        servers: new RealServers(),
        drivers: new Map(),
        progress,
        leftMs: planMs(repeated, DEFAULT_TIMES),
        endMs: Number.POSITIVE_INFINITY,
        cutShort: false,
      });
      const [socket, ...clients] = results.map((result) => valuesByTurn(result, 'opsPerSecond'));
      const ratios = clients.map((client) => pairedRatios(client, socket ?? new Map()));
      return new Map(CHECKED.map((client, at) => [rowOf(client), ratios[at] ?? []]));
    },
  };
}

/** Records a second over iterations of the reference loop. */
function codecGroup(): CheckGroup {
  const rowOf = (subject: string): string => `codec: ${subject} / reference`;
  const cases = CODEC_SUBJECTS.map((subject) => caseNamed<CodecCase>(`codec/${subject}/zkwire`));
  const subjectsMs = cases.reduce((sum, each) => sum + turnMs(each, DEFAULT_TIMES), 0);
  return {
    name: 'codec',
    rows: CODEC_SUBJECTS.map(rowOf),
    turnMs: REFERENCE_MS + subjectsMs,
    measure: (turns, progress) =>
      inTurns(turns, 'codec', progress, async (put) => {
        const perSecond = await referenceRate();
        for (const each of cases) {
          const job = { kind: 'case' as const, case: each, connectString: '', ...DEFAULT_TIMES };
          const { values } = await runJob(job, { timeoutMs: TURN_TIMEOUT_MS });
          put(rowOf(each.subject), 1e9 / numberOf(values.nsPerRecord) / perSecond);
        }
      }),
  };
}

/** The embedded server's first reply against a process of Node that does nothing. */
function startGroup(): CheckGroup {
  const rows = {
    memory: 'server: node / start in process',
    command: 'server: node / zkwire serve',
  };
  return {
    name: 'start',
    rows: Object.values(rows),
    turnMs: 700,
    measure: (turns, progress) =>
      inTurns(turns, 'start', progress, async (put) => {
        const scale = { ...WHOLE_SCALE, startTurns: 1 };
        const parts = await measureStart({ scale, say: () => {}, skip: () => {} });
        const ms = (id: string): number =>
          numberOf(parts.find((each) => each.id === id)?.values[0]);
        put(rows.memory, ms('start-node') / ms('start-in-process'));
        put(rows.command, ms('start-node') / ms('start-command'));
      }),
  };
}

/** Events a second at a listener, over iterations of the reference loop. */
function watchGroup(): CheckGroup {
  const styles = ['one-shot', 'recursive'] as const;
  const rowOf = (style: string): string => `watches: ${style} events / reference`;
  const cases = styles.map((style) => {
    const name = `watches/${style}/${WATCHES}/zkwire-listener`;
    const found = watchCases(false).find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no case ${name}`);
    return found;
  });
  return {
    name: 'watches',
    rows: styles.map(rowOf),
    turnMs: REFERENCE_MS + cases.reduce((sum, each) => sum + each.turnMs, 0),
    async measure(turns, progress) {
      const servers = await WATCHES_LANE.open(cases);
      try {
        return await inTurns(turns, 'watches', progress, async (put) => {
          const perSecond = await referenceRate();
          for (const each of cases) {
            const { values } = await WATCHES_LANE.measure(each, servers);
            put(rowOf(each.style), numberOf(values.eventsPerSecond) / perSecond);
          }
        });
      } finally {
        await servers.stop();
      }
    },
  };
}

type Put = (row: string, ratio: number) => void;

/** A turn that fails is told, and has no value. */
async function inTurns(
  turns: number,
  name: string,
  progress: Progress,
  turn: (put: Put) => Promise<void>,
): Promise<Measured> {
  const measured: Measured = new Map();
  for (let at = 0; at < turns; at++) {
    progress.turn(name, at + 1, turns, 0);
    try {
      await turn((row, ratio) => measured.set(row, [...(measured.get(row) ?? []), ratio]));
    } catch (cause) {
      progress.say(`${name}, turn ${at + 1} FAILED: ${(cause as Error).message}`);
    }
  }
  return measured;
}

/** Iterations a second of the fixed loop, on this machine, now. */
async function referenceRate(): Promise<number> {
  const { values } = await runScript<JobResult>(REFERENCE, {}, { timeoutMs: TURN_TIMEOUT_MS });
  return numberOf(values.perSecond);
}

function numberOf(value: number | null | undefined): number {
  if (typeof value !== 'number' || !(value > 0)) throw new Error('a value is missing');
  return value;
}
