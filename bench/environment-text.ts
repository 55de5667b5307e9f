import type { Environment } from './environment.ts';
import { grouped } from './format.ts';

/** Machine, versions and date in one line, for below a table. */
export function environmentText(environment: Environment, startedAt: string): string {
  return [
    machine(environment),
    `Node ${environment.node} (V8 ${environment.v8})`,
    environment.zooKeeper === null ? 'no real server' : `ZooKeeper ${environment.zooKeeper}`,
    `zkwire ${environment.zkwire} at ${environment.commit ?? 'no commit'}`,
    startedAt.slice(0, 10),
    `load average at the start ${environment.loadAverageAtStart.toFixed(2)}`,
  ].join('; ');
}

function machine({
  cpuModel,
  cpuCount,
  memoryBytes,
  operatingSystem,
  architecture,
}: Environment): string {
  const gib = grouped(String(Math.round(memoryBytes / 2 ** 30)));
  return `${cpuModel}, ${cpuCount} cores, ${gib} GiB, ${operatingSystem} ${architecture}`;
}
