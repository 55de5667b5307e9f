/** `npm run chaos`: kills servers under load and checks every outcome with the servers' transaction logs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ServerStartError, ZooKeeperNotFound } from '../zookeeper/index.ts';
import { runChaos } from './chaos.ts';
import { FAULT_KINDS, type FaultKind } from './faults.ts';
import { renderChaos } from './report.ts';
import { isClean } from './result.ts';

const HELP = `Kills the leader of three real servers (or others of them, or freezes one) over and over while clients
write and read, and then checks every outcome that the clients were told with the servers' transaction logs.

usage: npm run chaos -- [options]

  --minutes N   how long (default 1)
  --period S    seconds between two faults (default 5)
  --faults LIST leader, follower (killed) or freeze (8 s), by chance (default leader)
  --clients N   sessions (default 8)
  --writes N    writes a second, all clients together (default 700)
  --reads N     reads a second, all clients together (default 700)
  --seed N      decides what is written where (default: the time)
  --data-dir P  keep the servers' data there (default: removed at the end)
  --json FILE   write the result there too
  --help        this text

exit code: 0 nothing contradicts the logs, 1 something does or the run failed, 2 wrong usage
`;

class UsageError extends Error {}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string' },
        period: { type: 'string' },
        faults: { type: 'string' },
        clients: { type: 'string' },
        writes: { type: 'string' },
        reads: { type: 'string' },
        seed: { type: 'string' },
        'data-dir': { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (cause) {
    throw new UsageError((cause as Error).message);
  }
}

function numberOf(
  name: string,
  text: string | undefined,
  byDefault: number,
  [least, most]: readonly [number, number],
): number {
  const value = text === undefined ? byDefault : Number(text);
  if (value >= least && value <= most && text?.trim() !== '') return value;
  throw new UsageError(`--${name} wants a number from ${least} to ${most}, not '${text}'`);
}

function faultsOf(list: string): FaultKind[] {
  return list.split(',').map((name) => {
    const kind = FAULT_KINDS.find((known) => known === name.trim());
    if (kind === undefined) throw new UsageError(`--faults: '${name}' is none of ${FAULT_KINDS}`);
    return kind;
  });
}

async function main(args: readonly string[]): Promise<number> {
  const { minutes, period, clients, writes, reads, seed, json, ...values } = parse(args);
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const result = await runChaos({
    seconds: numberOf('minutes', minutes, 1, [0.1, 600]) * 60,
    faultEverySeconds: numberOf('period', period, 5, [1, 600]),
    faults: faultsOf(values.faults ?? 'leader'),
    clients: Math.floor(numberOf('clients', clients, 8, [1, 64])),
    writesPerSecond: numberOf('writes', writes, 700, [1, 20_000]),
    readsPerSecond: numberOf('reads', reads, 700, [0, 20_000]),
    seed: Math.floor(numberOf('seed', seed, Date.now() % 1e6, [0, 2 ** 31])),
    dataDir: values['data-dir'],
    say: (line) => process.stderr.write(`${line}\n`),
  });
  if (json !== undefined) {
    mkdirSync(dirname(json), { recursive: true });
    writeFileSync(json, `${JSON.stringify(result, null, 2)}\n`);
  }
  process.stdout.write(renderChaos(result));
  return isClean(result) ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (cause) {
  const isExpected =
    cause instanceof UsageError ||
    cause instanceof ZooKeeperNotFound ||
    cause instanceof ServerStartError;
  const { message, stack } = cause as Error;
  process.stderr.write(`chaos: ${isExpected ? message : stack}\n`);
  process.exitCode = cause instanceof UsageError ? 2 : 1;
}
