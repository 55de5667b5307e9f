import { describe, expect, it } from 'vitest';
import {
  CREATE_MODES,
  isTtlFlag,
  MULTI_REQUEST,
  MULTI_RESPONSE,
  OP,
  OPERATIONS,
  operationName,
  operationOf,
} from '../../../src/codec/operations.ts';
import { RECORDS } from '../../../src/codec/record-table.gen.ts';

describe('the opcode table', () => {
  it('finds every operation by its code', () => {
    expect(OPERATIONS).toHaveLength(33);
    for (const operation of OPERATIONS) {
      expect(operationOf(operation.code)).toBe(operation);
      expect(OP[operation.name]).toBe(operation.code);
      expect(operationName(operation.code)).toBe(operation.name);
    }
  });

  it.each([10, 23, 99, 108, 999, -2, -9, -12, 0.5, Number.NaN, 2 ** 31 - 1, -(2 ** 31)])(
    'has no row for %d, and says so without throwing',
    (code) => {
      expect(operationOf(code)).toBeUndefined();
      expect(operationName(code)).toBe(`op(${code})`);
    },
  );

  it('names records that the schema has, apart from the hand-written ones', () => {
    const handWritten = new Set([MULTI_REQUEST, MULTI_RESPONSE, 'DeleteContainerRequest']);
    for (const { request, response } of OPERATIONS) {
      for (const name of [request, response]) {
        if (name === null || handWritten.has(name)) continue;
        expect(Object.keys(RECORDS)).toContain(name);
      }
    }
  });

  it.each([
    ['create', 1, 'CreateRequest', 'CreateResponse', 'write', true],
    ['exists', 3, 'ExistsRequest', 'ExistsResponse', 'read', false],
    ['delete', 2, 'DeleteRequest', null, 'write', false],
    ['ping', 11, null, null, 'session', false],
    ['create2', 15, 'CreateRequest', 'Create2Response', 'write', true],
    ['reconfig', 16, 'ReconfigRequest', 'GetDataResponse', 'write', true],
    ['createContainer', 19, 'CreateRequest', 'Create2Response', 'write', true],
    ['createTTL', 21, 'CreateTTLRequest', 'Create2Response', 'write', true],
    ['sasl', 102, 'GetSASLRequest', 'SetSASLResponse', 'session', false],
    ['addWatch', 106, 'AddWatchRequest', 'ErrorResponse', 'read', false],
    ['whoAmI', 107, null, 'WhoAmIResponse', 'read', false],
    ['closeSession', -11, null, null, 'session', false],
  ])('%s is %d', (name, code, request, response, access, carriesData) => {
    expect(operationOf(code)).toMatchObject({ name, request, response, access, carriesData });
  });

  it('marks what clients never send as a request of its own', () => {
    const internal = OPERATIONS.filter((operation) => operation.internal);
    expect(internal.map((operation) => operation.name)).toEqual([
      'notification',
      'check',
      'deleteContainer',
      'createSession',
      'error',
    ]);
  });
});

describe('create modes', () => {
  it('stand at the index of their flag', () => {
    expect(CREATE_MODES.map((mode) => mode.flag)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('say which opcode makes them', () => {
    expect(CREATE_MODES.map((mode) => [mode.op, mode.opWithStat])).toEqual([
      [1, 15],
      [1, 15],
      [1, 15],
      [1, 15],
      [19, 19],
      [21, 21],
      [21, 21],
    ]);
    expect(CREATE_MODES.filter((mode) => mode.ephemeral).map((mode) => mode.flag)).toEqual([1, 3]);
    expect(CREATE_MODES.filter((mode) => mode.sequential).map((mode) => mode.flag)).toEqual([
      2, 3, 6,
    ]);
    expect([0, 1, 2, 3, 4, 5, 6, 7, -1].filter(isTtlFlag)).toEqual([5, 6]);
  });
});
