import { type Script, ScriptedServer, type ScriptOptions } from './scripted-server.ts';

/**
 * Starts a server that plays a script, for tests of ZooKeeper clients:
 *
 *     const server = await playScript(async (server) => {
 *       const connection = await server.accept();
 *       connection.grant(await connection.expectHandshake({ sessionId: 0n }));
 *       const read = await connection.expect('getData', { withinMs: 500 });
 *       connection.refuse(read, 'NONODE');
 *     });
 *     const client = new MyClient(server.connectString);
 *     ...
 *     await server.finished;
 *     await server.close();
 *
 * `finished` rejects with a ConformanceFailure that says what was expected and what came. A script that failed
 * ends its connections, so that the client does not wait for it.
 */
export async function playScript(
  script: Script,
  options: ScriptOptions = {},
): Promise<ScriptedServer> {
  const server = await ScriptedServer.listen(options);
  server.played = script(server).catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
  // Whoever awaits `finished` is told; a test that fails elsewhere first must not end its process by it.
  server.played.catch(() => {});
  return server;
}
