import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ROOT } from '../package/run-node.ts';
import { DocPackage } from './doc-blocks.ts';

const GUIDES: readonly string[] = [
  'docs/from-zookeeper.md',
  'docs/from-node-zookeeper-client.md',
  'docs/client.md',
];

/** What the calls of the tables name without saying what it is. */
const CONTEXT = `import type { ACL, Credential, PlainCreateMode, StateEvent, WatchListener, ZooKeeperClient } from 'zkwire';
declare global {
  const zk: ZooKeeperClient;
  const path: string, data: string, servers: string, scheme: string, auth: string;
  const version: number, aversion: number, ttlMs: number, attempts: number;
  const acl: readonly ACL[], mode: PlainCreateMode, options: {};
  const joining: string[], leaving: number[], newMembers: string[];
  const watch: WatchListener, listener: (event: StateEvent) => void, operation: () => Promise<void>;
}`;

/** Calls in the second cells of tables: `await zk.get(path)`, `zk.transaction().create(path)`, `retry(...)`. */
function calls(document: string): string[] {
  const lines = readFileSync(join(ROOT, document), 'utf8').split('\n');
  const cells = lines.flatMap((line) => /^\| [^|]+ \| ([^|]+) \|/.exec(line)?.[1] ?? []);
  const codes = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)]);
  return codes.flatMap(([, code = '']) =>
    /^\(*(?:await |zk\.|retry\()/.test(code) && code.endsWith(')') ? code : [],
  );
}

const user = new DocPackage(CONTEXT);

afterAll(() => user.remove());

it('calls in the tables for those who move take the arguments that they are given there', () => {
  const all = GUIDES.flatMap(calls);
  expect(all.length).toBeGreaterThan(50);
  const code = all.map((call) => `void (async () => ${call});`).join('\n');
  const imports = "import { connect, retry } from 'zkwire';";
  expect(user.compile([{ code: `${imports}\n${code}`, output: [] }])).toBe('');
}, 120_000);
