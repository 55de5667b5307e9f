import type { Environment } from '../../../bench/environment.ts';

/** The machine that results in tests were measured on: no peers, and no real server. */
export const ENVIRONMENT_EXAMPLE: Environment = {
  cpuModel: 'Some CPU',
  cpuCount: 2,
  memoryBytes: 8 * 2 ** 30,
  operatingSystem: 'Linux 6',
  architecture: 'x64',
  node: '20.20.2',
  v8: '11.3',
  zkwire: '0.1.0',
  commit: 'abc',
  peers: {},
  zooKeeper: null,
  loadAverageAtStart: 0.5,
};
