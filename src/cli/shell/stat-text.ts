import type { Stat } from '../../client/index.ts';
import { javaDate } from './java-date.ts';

/** The eleven lines that `zkCli.sh` prints of a Stat. */
export function statLines(stat: Stat): string[] {
  return [
    `cZxid = ${hex(stat.czxid)}`,
    `ctime = ${javaDate(stat.ctime)}`,
    `mZxid = ${hex(stat.mzxid)}`,
    `mtime = ${javaDate(stat.mtime)}`,
    `pZxid = ${hex(stat.pzxid)}`,
    `cversion = ${stat.cversion}`,
    `dataVersion = ${stat.version}`,
    `aclVersion = ${stat.aversion}`,
    `ephemeralOwner = ${hex(stat.ephemeralOwner)}`,
    `dataLength = ${stat.dataLength}`,
    `numChildren = ${stat.numChildren}`,
  ];
}

/** Longs are unsigned in hex, as `Long.toHexString` has it. */
function hex(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`;
}

/** A Stat for JSON: longs are decimal strings. */
export function statJson(stat: Stat): Record<string, string | number> {
  return {
    czxid: `${stat.czxid}`,
    mzxid: `${stat.mzxid}`,
    ctime: `${stat.ctime}`,
    mtime: `${stat.mtime}`,
    version: stat.version,
    cversion: stat.cversion,
    aversion: stat.aversion,
    ephemeralOwner: `${stat.ephemeralOwner}`,
    dataLength: stat.dataLength,
    numChildren: stat.numChildren,
    pzxid: `${stat.pzxid}`,
  };
}
