// A service that others find through ZooKeeper: an ephemeral node says that it is there. It survives lost
// connections, comes back after an expiry, and stops working while others may think that it is gone.
// Usage: node examples/resilient-service.mjs [servers] [address]; end it with Ctrl-C.

import { connect } from 'zkwire';

const servers = process.argv[2] ?? '127.0.0.1:2181';
const address = process.argv[3] ?? '10.0.0.7:8080';

const zk = await connect(servers, {
  sessionTimeoutMs: 10_000,
  // Servers may start after us.
  connectRounds: Number.POSITIVE_INFINITY,
});
await zk.ensurePath('/services/shop');

let registering = false;
let registeredIn = 0n;

/** One node for each session. Failing is no harm: without a connection the next `session` tries again. */
async function register() {
  if (registering || !zk.connected || registeredIn === zk.sessionId) return;
  registering = true;
  try {
    // Protected: made once, even when the connection is lost before the answer.
    const path = await zk.createProtected('/services/shop/server', address, { mode: 'ephemeral' });
    registeredIn = zk.sessionId;
    console.log(`registered as ${path}`);
  } catch (error) {
    console.log(`not registered: ${error.code}`);
    setTimeout(register, 1000);
  } finally {
    registering = false;
  }
}

zk.on('session', register);
zk.on('disconnected', ({ reason }) => console.log(`disconnected: ${reason.code}`));
zk.on('lost', () => console.log('lost: we stop working, others may take over'));
zk.on('expired', () => console.log('expired: our node is gone'));
await register();

process.once('SIGTERM', stop);
process.once('SIGINT', stop);

/** Takes the node away at once, instead of when the session expires. */
async function stop() {
  await zk.close();
  console.log('closed');
}
