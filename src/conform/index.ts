/// <reference types="node" preserve="true" />
/** `zkwire/conform`: does a server, or a client, speak the protocol as Apache ZooKeeper does? */
export { type CheckDescription, PROFILES, type Profile, type ServerCheck } from './check.ts';
export type { CheckContext } from './check-context.ts';
export { SERVER_CHECKS } from './checks/server-checks.ts';
export { CLIENT_CHECKS } from './client/checks/client-checks.ts';
export { CLIENT_PROFILES, type ClientCheck, type ClientProfile } from './client/client-check.ts';
export type { ClientContext, OpenSession, SessionParts } from './client/client-context.ts';
export type { Driver, ErrorAnswer } from './client/driver.ts';
export type { DriverAnswer, DriverEvent } from './client/driver-lines.ts';
export type { FrameJudge } from './client/frame-judge.ts';
export {
  type ClientRunOptions,
  runClientChecks,
  UnusableDriver,
} from './client/run-client-checks.ts';
export { ExcuseError, type Excuses, parseExcuses } from './excuses.ts';
export { ConformanceFailure } from './failure.ts';
export type { ReleaseRules } from './release-rules.ts';
export type { Reply, WireEvent } from './reply.ts';
export { jsonReport, junitReport } from './report-machine.ts';
export { textReport, verdict } from './report-text.ts';
export type { WireRequest } from './requests.ts';
export { type CheckOutcome, type CheckResult, type ConformanceReport, counts } from './result.ts';
export { type RunOptions, runServerChecks } from './run-checks.ts';
export type { HeardFrame, HeardHandshake, HeardRequest } from './script/heard-frame.ts';
export { playScript } from './script/play-script.ts';
export type {
  Bounds,
  DripOptions,
  ReplyParts,
  ScriptConnection,
} from './script/script-connection.ts';
export type {
  CapturedBytes,
  Script,
  ScriptCapture,
  ScriptedServer,
  ScriptOptions,
} from './script/scripted-server.ts';
export { type Grant, statWith } from './script/server-frames.ts';
export { type ServerFacts, UnreachableServer } from './server-facts.ts';
export type { Transcript } from './transcript.ts';
export type { Dialer, WireConnection } from './wire-connection.ts';
export type { HandshakeParts, WireSession } from './wire-session.ts';
