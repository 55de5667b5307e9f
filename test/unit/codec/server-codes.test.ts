import { describe, expect, it } from 'vitest';
import {
  retryClass,
  SERVER_CODE,
  SERVER_CODES,
  serverCode,
  serverCodeLabel,
  serverCodeName,
} from '../../../src/codec/server-codes.ts';

/** Numbers and names as in Apache's `KeeperException.Code` (3.9.5) and, where Java has none, `zookeeper.h`. */
const KNOWN: readonly (readonly [number, string])[] = [
  [0, 'OK'],
  [-1, 'SYSTEMERROR'],
  [-2, 'RUNTIMEINCONSISTENCY'],
  [-3, 'DATAINCONSISTENCY'],
  [-4, 'CONNECTIONLOSS'],
  [-5, 'MARSHALLINGERROR'],
  [-6, 'UNIMPLEMENTED'],
  [-7, 'OPERATIONTIMEOUT'],
  [-8, 'BADARGUMENTS'],
  [-9, 'INVALIDSTATE'],
  [-12, 'UNKNOWNSESSION'],
  [-13, 'NEWCONFIGNOQUORUM'],
  [-14, 'RECONFIGINPROGRESS'],
  [-15, 'SSLCONNECTIONERROR'],
  [-100, 'APIERROR'],
  [-101, 'NONODE'],
  [-102, 'NOAUTH'],
  [-103, 'BADVERSION'],
  [-108, 'NOCHILDRENFOREPHEMERALS'],
  [-110, 'NODEEXISTS'],
  [-111, 'NOTEMPTY'],
  [-112, 'SESSIONEXPIRED'],
  [-113, 'INVALIDCALLBACK'],
  [-114, 'INVALIDACL'],
  [-115, 'AUTHFAILED'],
  [-116, 'CLOSING'],
  [-117, 'NOTHING'],
  [-118, 'SESSIONMOVED'],
  [-119, 'NOTREADONLY'],
  [-120, 'EPHEMERALONLOCALSESSION'],
  [-121, 'NOWATCHER'],
  [-122, 'REQUESTTIMEOUT'],
  [-123, 'RECONFIGDISABLED'],
  [-124, 'SESSIONCLOSEDREQUIRESASLAUTH'],
  [-125, 'QUOTAEXCEEDED'],
  [-127, 'THROTTLEDOP'],
];

describe('server codes', () => {
  it('are exactly the known ones', () => {
    expect(SERVER_CODES.map(({ code, name }) => [code, name])).toEqual(KNOWN);
  });

  it.each(KNOWN)('%d is %s', (code, name) => {
    expect(serverCodeName(code)).toBe(name);
    expect(serverCode(code)).toMatchObject({ code, name });
    expect(serverCode(code)?.description).toMatch(/^[^.]+$/);
    expect(SERVER_CODE[name as keyof typeof SERVER_CODE]).toBe(code);
  });

  it.each([-10, -11, -104, -107, -109, -126, -128, -999, 1, 2 ** 31 - 1])('%d survives', (code) => {
    expect(serverCode(code)).toBeUndefined();
    expect(serverCodeName(code)).toBe(`UNKNOWN(${code})`);
    expect(serverCodeLabel(code)).toBe(`UNKNOWN(${code})`);
    expect(retryClass(code)).toBe('never');
  });

  it('labels a code with its name and number', () => {
    expect(serverCodeLabel(0)).toBe('OK');
    expect(serverCodeLabel(-101)).toBe('NONODE(-101)');
  });

  it('says what can be done', () => {
    expect(retryClass(SERVER_CODE.NONODE)).toBe('never');
    expect(retryClass(SERVER_CODE.THROTTLEDOP)).toBe('later');
    expect(retryClass(SERVER_CODE.CONNECTIONLOSS)).toBe('other-connection');
    expect(retryClass(SERVER_CODE.NOTREADONLY)).toBe('other-connection');
    expect(retryClass(SERVER_CODE.SESSIONEXPIRED)).toBe('new-session');
  });
});
