import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildSocketCallCounter } from '../../../../bench/drivers/socket-call-counter.ts';
import { SOCKET_CALLS_BYTES, SOCKET_CALLS_FILE } from '../../../../bench/load/io-counts.ts';

/** A process that receives and sends a few times by these very calls, and prints what was counted. */
const PYTHON = `
import os, socket, struct
here, there = socket.socketpair()
for _ in range(7): here.send(b'x')
there.recv(100)
print(*struct.unpack('QQQ', open(os.environ['${SOCKET_CALLS_FILE}'], 'rb').read()))
`;

describe('buildSocketCallCounter', async () => {
  const counter = await buildSocketCallCounter();
  const python = '/usr/bin/python3';
  const missing = counter === null ? 'no Linux or no C compiler' : 'no Python';
  const here = counter !== null && existsSync(python);
  if (!here) console.log(`socket-call-counter: skipped: ${missing}`);

  it.skipIf(!here)('counts what a process receives and sends, and nothing of before', async () => {
    let file = '';
    const run = (env: Record<string, string>): Promise<string> => {
      file = env[SOCKET_CALLS_FILE] ?? '';
      // The loader splits it at spaces, and the path of a clone may have some.
      expect(env.LD_PRELOAD).toMatch(/^[^ :/]+\.so$/);
      const options = { encoding: 'utf8', env: { ...process.env, ...env } } as const;
      return Promise.resolve(execFileSync(python, ['-c', PYTHON], options).trim());
    };
    expect(await counter?.with(run)).toBe('1 1 7');
    expect(await counter?.with(run)).toBe('1 1 7');
    expect(existsSync(file)).toBe(false);
    expect(SOCKET_CALLS_BYTES).toBe(3 * 8);
  });

  it.skipIf(!here)('takes its file away when the work fails', async () => {
    let file = '';
    const work = (env: Record<string, string>): Promise<never> => {
      file = env[SOCKET_CALLS_FILE] ?? '';
      expect(existsSync(file)).toBe(true);
      return Promise.reject(new Error('it broke'));
    };
    await expect(counter?.with(work)).rejects.toThrow('it broke');
    expect(existsSync(file)).toBe(false);
  });
});
