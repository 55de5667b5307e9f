import { describe, expect, it } from 'vitest';
import { driverArguments } from '../../../../bench/drivers/driver.ts';
import { parseDriverLine } from '../../../../bench/drivers/driver-lines.ts';

describe('parseDriverLine', () => {
  const parse = (line: string): unknown => parseDriverLine(line, 'some client', '1.2');

  it('reads phases, failures and results', () => {
    expect(parse('{"type":"phase","phase":"measuring"}')).toEqual({
      type: 'phase',
      phase: 'measuring',
    });
    expect(parse('{"type":"failed","reason":"get: no node"}')).toEqual({
      type: 'failed',
      reason: 'get: no node',
    });
    const values = '"values":{"opsPerSecond":12.5,"p99Us":null}';
    expect(parse(`{"type":"result","version":"3.8.0",${values}}`)).toEqual({
      type: 'result',
      result: {
        subject: 'some client',
        version: '3.8.0',
        values: { opsPerSecond: 12.5, p99Us: null },
      },
    });
  });

  it('takes the version of the package where the client knows none', () => {
    expect(parse('{"version":"","type":"result","values":{}}')).toMatchObject({
      result: { version: '1.2' },
    });
  });

  it.each([
    '',
    'OpenJDK 64-Bit Server VM warning: something',
    '{"type":"phase","phase":"resting"}',
    '{"type":"hello"}',
    '[1]',
    'null',
    '7',
  ])('takes %j for no line of a driver', (line) => {
    expect(parse(line)).toBeNull();
  });
});

describe('driverArguments', () => {
  const workload = {
    connectString: '127.0.0.1:1',
    operation: 'get',
    path: '/x',
    payloadBytes: 100,
    depth: 16,
    warmupMs: 600,
    measureMs: 400,
  } as const;

  it('are the words of the command line', () => {
    expect(driverArguments('c', workload).join(' ')).toBe(
      '--server 127.0.0.1:1 --operation get --path /x --payload 100 --children 0 --depth 16 --warmup 600 --warmup-operations 10000 --warmup-stretch 1.5 --measure 400',
    );
    const paced = {
      ...workload,
      childCount: 10,
      ratePerSecond: 0.5,
      arrivals: 'poisson',
      drainMs: 100,
    } as const;
    expect(driverArguments('go', paced).join(' ')).toMatch(
      / --children 10 .* --measure 400 --rate 0.5 --arrivals poisson --drain 100$/,
    );
  });

  it('give the JIT compiler of Java more warm-up', () => {
    const words = driverArguments('java', workload);
    expect(words.join(' ')).toContain(
      '--warmup 2400 --warmup-operations 100000 --warmup-stretch 3',
    );
  });
});
