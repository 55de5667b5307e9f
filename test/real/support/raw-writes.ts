import type { ConnectionOptions } from 'node:tls';
import {
  type ACL,
  isTtlFlag,
  type JuteReader,
  type JuteWriter,
  OP,
  readGetACLResponse,
  readGetChildren2Response,
  readMultiResponse,
  readWhoAmIResponse,
  type Stat,
} from '../../../src/codec/index.ts';
import { RequestError } from '../../../src/errors.ts';
import type { WriteRequest } from '../../../src/server/requests/prepare.ts';
import { Connection } from '../../../src/session/connection.ts';
import { dial } from '../../../src/transport/tcp-link.ts';
import type { ZooKeeperServer } from '../../../tools/zookeeper/index.ts';
import type { MultiStep } from '../../unit/server/requests/write-requests.ts';

/** A session on a real server that sends writes as they are, also such as no client would send. */
export class RawWriter {
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** With `tls` on the TLS port. */
  static async open(
    server: ZooKeeperServer,
    credentials: readonly string[],
    tls?: ConnectionOptions,
  ): Promise<RawWriter> {
    const { host } = server;
    const port = tls === undefined ? server.port : (server.securePort as number);
    const writer = new RawWriter(
      await Connection.open(
        (signal) => dial({ host, port, signal, tls }),
        server.connectString,
        {},
      ),
    );
    for (const credential of credentials) {
      await writer.authenticate('digest', Buffer.from(credential));
    }
    await writer.whoAmI();
    return writer;
  }

  get sessionId(): bigint {
    return this.#connection.session.sessionId;
  }

  /** Of the last answer. */
  get zxid(): bigint {
    return this.#connection.pipeline.lastZxidSeen;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /** Answered with a code, `ok` and a path, or the results of a multi. */
  async write(request: WriteRequest): Promise<string> {
    refuseRuinous(request);
    const writer = this.#connection.pipeline.begin(request.op, null);
    writeRequest(writer, request);
    return await this.#connection.pipeline
      .promise((reader) => readOutcome(reader, request))
      .catch((error: unknown) => {
        if (error instanceof RequestError && error.serverCode) return `${error.serverCode}`;
        throw error;
      });
  }

  /** Scheme and user of each identity, in the order of the server. */
  whoAmI(): Promise<string[]> {
    this.#connection.pipeline.begin(OP.whoAmI, null);
    return this.#connection.pipeline.promise((reader) =>
      (readWhoAmIResponse(reader).clientInfo ?? []).map(
        ({ authScheme, user }) => `${authScheme}:${user}`,
      ),
    );
  }

  /** Null: not allowed. */
  async getAcl(path: string): Promise<ACL[] | null> {
    this.#connection.pipeline.begin(OP.getACL, null).ustring(path);
    return await this.#connection.pipeline
      .promise((reader) => readGetACLResponse(reader).acl ?? [])
      .catch((error: unknown) => {
        if (error instanceof RequestError && error.code === 'NOAUTH') return null;
        throw error;
      });
  }

  /** Needs READ. */
  children(path: string): Promise<{ names: string[]; stat: Stat }> {
    const writer = this.#connection.pipeline.begin(OP.getChildren2, null);
    writer.ustring(path);
    writer.bool(false);
    return this.#connection.pipeline.promise((reader) => {
      const { children, stat } = readGetChildren2Response(reader);
      return { names: (children ?? []) as string[], stat };
    });
  }

  /** 0, or the code of the refusal; the server ends the connection then. */
  async authenticate(scheme: string | null, auth: Uint8Array | null): Promise<number> {
    const writer = this.#connection.pipeline.begin(OP.auth, null);
    writer.int(0);
    writer.ustring(scheme);
    writer.buffer(auth);
    return await this.#connection.pipeline
      .promise(() => 0)
      .catch((error: unknown) => {
        if (error instanceof RequestError && error.serverCode) return error.serverCode;
        throw error;
      });
  }

  /** Resolves when the server has ended the connection. */
  async ended(): Promise<void> {
    await this.#connection.ended;
  }
}

/** Servers in wide use cannot read their data again after these. */
function refuseRuinous(request: WriteRequest): void {
  const steps = request.op === OP.multi ? request.operations : [request];
  const hasTtlWithoutMode = steps.some(
    (step) => step.op === OP.createTTL && !isTtlFlag(step.flags),
  );
  if (request.op === OP.check || hasTtlWithoutMode) {
    throw new Error('this request must not be sent to a real server');
  }
}

function writeRequest(writer: JuteWriter, request: WriteRequest): void {
  switch (request.op) {
    case OP.multi:
      for (const step of request.operations) {
        writeMultiHeader(writer, step.op, false);
        writeStep(writer, step);
      }
      writeMultiHeader(writer, -1, true);
      break;
    case OP.setACL:
      writer.ustring(request.path);
      writeAcl(writer, request.acl);
      writer.int(request.version);
      break;
    case OP.reconfig:
      writer.ustring(request.joiningServers);
      writer.ustring(request.leavingServers);
      writer.ustring(request.newMembers);
      writer.long(request.curConfigId);
      break;
    case OP.deleteContainer:
      writer.ustring('/');
      break;
    default:
      writeStep(writer, request);
  }
}

function writeStep(writer: JuteWriter, step: MultiStep): void {
  writer.ustring(step.path);
  switch (step.op) {
    case OP.delete:
    case OP.check:
      writer.int(step.version);
      break;
    case OP.setData:
      writer.buffer(step.data);
      writer.int(step.version);
      break;
    case OP.getData:
    case OP.getChildren:
      writer.bool(step.watch);
      break;
    default:
      writer.buffer(step.data);
      writeAcl(writer, step.acl);
      writer.int(step.flags);
      if (step.op === OP.createTTL) writer.long(step.ttl);
  }
}

function writeAcl(writer: JuteWriter, acl: readonly ACL[] | null): void {
  writer.int(acl === null ? -1 : acl.length);
  for (const { perms, id } of acl ?? []) {
    writer.int(perms);
    writer.ustring(id.scheme);
    writer.ustring(id.id);
  }
}

function writeMultiHeader(writer: JuteWriter, type: number, done: boolean): void {
  writer.int(type);
  writer.bool(done);
  writer.int(-1);
}

function readOutcome(reader: JuteReader, request: WriteRequest): string {
  switch (request.op) {
    case OP.create:
    case OP.create2:
    case OP.createContainer:
    case OP.createTTL: {
      const path = reader.ustring();
      reader.take(reader.remaining);
      return `ok ${path}`;
    }
    case OP.multi:
      return `multi [${readMultiResponse(reader).map(resultText).join(', ')}]`;
    default:
      reader.take(reader.remaining);
      return 'ok';
  }
}

function resultText(result: ReturnType<typeof readMultiResponse>[number]): string {
  switch (result.op) {
    case OP.error:
      return `${result.err}`;
    case OP.create:
      return `create ${result.path}`;
    case OP.create2:
      return `create2 ${result.path}`;
    case OP.setData:
      return 'setData';
    case OP.check:
      return 'check';
    default:
      return 'delete';
  }
}
