/** `zkwire/conform`: does a server, or a client, speak the protocol as Apache ZooKeeper does? */
export { type CheckDescription, PROFILES, type Profile, type ServerCheck } from './check.ts';
export type { CheckContext } from './check-context.ts';
export { SERVER_CHECKS } from './checks/server-checks.ts';
export { CLIENT_CHECKS } from './client/checks/client-checks.ts';
export { CLIENT_PROFILES, type ClientCheck, type ClientProfile } from './client/client-check.ts';
export type { ClientContext } from './client/client-context.ts';
export {
  type ClientRunOptions,
  runClientChecks,
  UnusableDriver,
} from './client/run-client-checks.ts';
export { ExcuseError, type Excuses, parseExcuses } from './excuses.ts';
export { ConformanceFailure } from './failure.ts';
export { jsonReport, junitReport } from './report-machine.ts';
export { textReport, verdict } from './report-text.ts';
export { type CheckOutcome, type CheckResult, type ConformanceReport, counts } from './result.ts';
export { type RunOptions, runServerChecks } from './run-checks.ts';
export type { HeardFrame, HeardHandshake, HeardRequest } from './script/heard-frame.ts';
export { playScript } from './script/play-script.ts';
export type { Bounds, ReplyParts, ScriptConnection } from './script/script-connection.ts';
export type {
  Script,
  ScriptCapture,
  ScriptedServer,
  ScriptOptions,
} from './script/scripted-server.ts';
export { type Grant, statWith } from './script/server-frames.ts';
export { UnreachableServer } from './server-facts.ts';
export type { Dialer } from './wire-connection.ts';
