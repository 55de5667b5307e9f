/** `zkwire/conform`: does a server speak the protocol as Apache ZooKeeper does? */
export { PROFILES, type Profile, type ServerCheck } from './check.ts';
export type { CheckContext } from './check-context.ts';
export { SERVER_CHECKS } from './checks/server-checks.ts';
export { ExcuseError, type Excuses, parseExcuses } from './excuses.ts';
export { jsonReport, junitReport } from './report-machine.ts';
export { textReport, verdict } from './report-text.ts';
export { type CheckOutcome, type CheckResult, type ConformanceReport, counts } from './result.ts';
export { type RunOptions, runServerChecks } from './run-checks.ts';
export { UnreachableServer } from './server-facts.ts';
export type { Dialer } from './wire-connection.ts';
