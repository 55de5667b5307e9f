import { expect, it } from 'vitest';
import { bench } from '../../src/cli/bench/bench-command.ts';
import { RealClient } from './support/real-client.ts';
import { describeApache } from './support/real-zookeeper.ts';

describeApache('zkwire bench on a real server', () => {
  const real = new RealClient();

  it.each(['create', 'mixed'])('measures %s and leaves nothing behind', async (operation) => {
    let out = '';
    const { connectString } = real.server;
    const argv = [connectString, '--op', operation, '--depth', '1,64', '--connections', '2'];
    const exitCode = await bench([...argv, '--seconds', '1', '--json'], {
      stdout: { write: (text: string) => (out += text) },
      stderr: { write() {} },
      stopSignal: new AbortController().signal,
      program: '',
    });
    expect(exitCode).toBe(0);
    const { results } = JSON.parse(out) as { results: { count: number }[] };
    expect(results.map(({ count }) => count > 0)).toEqual([true, true]);
    expect(await real.zk.getChildren('/')).toEqual(['zookeeper']);
  });
});
