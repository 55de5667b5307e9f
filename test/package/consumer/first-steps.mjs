/** Uses something of every entry point, on a server in this process; prints a line a step. */
export async function firstSteps(zkwire) {
  const server = await zkwire.createServer({ port: 0 });
  const [{ host, port }] = zkwire.parseConnectString(server.connectString).servers;
  const zk = await zkwire.connect(server.connectString);
  console.log('made', await zk.create('/greeting', 'hello'));
  const events = [];
  await zk.get('/greeting', { watch: (event) => events.push(`${event.type} ${event.path}`) });
  await zk.set('/greeting', 'hello again', { version: 0 });
  console.log('heard', ...events);
  const { data, stat } = await zk.get('/greeting');
  console.log('read', data.toString(), typeof stat.czxid);
  const failure = await zk.get('/nothing').catch((error) => error);
  console.log('failed', failure instanceof zkwire.RequestError, failure.code, failure.outcome);

  const registration = await zkwire.register(zk, '/services/a', { address: '10.0.0.1', port: 80 });
  const watcher = await zkwire.watchService(zk, '/services/a');
  console.log('found', watcher.pick().address);
  await watcher.close();
  await registration.deregister();

  const link = await zkwire.dial({ host, port });
  const pipeline = new zkwire.Pipeline(link);
  console.log('linked', pipeline.hasRoom);
  link.end();
  const writer = zkwire.JuteWriter.standalone();
  zkwire.writeGetDataRequest(writer, '/a', false);
  console.log('encoded', writer.finished().toString('hex'));
  console.log('known', zkwire.SERVER_CHECKS.length > 100, zkwire.SLAB_BYTES > 1024);

  await zk.close();
  await server.close();
  const memory = await zkwire.createServer();
  const near = await zkwire.connect(memory.connectString);
  console.log('near', (await near.getChildren('/')).join());
  await near.close();
  await memory.close();
  console.log('done');
}
