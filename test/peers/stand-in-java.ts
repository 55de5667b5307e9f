import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { dieWithParentPrefix } from '../../tools/zookeeper/owned-resources.ts';

/** As it is installed: `npm test` builds it first. */
const PROGRAM = join(import.meta.dirname, '../../dist/cli/main.js');

/** Given to every server: what a real one gets when these suites are run on it. */
const PROPERTIES = [
  '-Dzookeeper.extendedTypesEnabled=true',
  '-Dzookeeper.4lw.commands.whitelist=*',
];

/**
 * Makes a folder with a `java` that starts `zkwire serve` with the configuration file that it is given, its last
 * argument, and the properties before it. First on the `PATH` it makes the suites of other clients, which start
 * `java ... zoo.cfg`, test the embedded server. The folder is laid out as a release of ZooKeeper as well.
 */
export function makeStandInJava(folder: string, properties: readonly string[] = []): void {
  const jars = join(folder, 'contrib/fatjar');
  mkdirSync(jars, { recursive: true });
  writeFileSync(join(jars, 'zookeeper-0-fatjar.jar'), '');
  // A server whose suite was killed dies with it.
  const command = [...dieWithParentPrefix(), process.execPath, PROGRAM, 'serve'];
  const words = [...command, ...PROPERTIES, ...properties].map((word) => `'${word}'`);
  const script = `#!/bin/bash
for argument; do [[ $argument == -D* ]] && properties+=("$argument"); done
exec ${words.join(' ')} "\${properties[@]}" "\${!#}" >>'${join(folder, 'serve.log')}' 2>&1
`;
  writeFileSync(join(folder, 'java'), script, { mode: 0o755 });
}

const [LOWEST_PORT, HIGHEST_PORT] = [20_000, 32_000];
const TRIES = 100;

/**
 * A free port below those that the system gives to outgoing connections: a suite that ends its server and starts
 * it again must find it free again.
 */
export async function quietPort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT));
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port in ${TRIES} tries`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
