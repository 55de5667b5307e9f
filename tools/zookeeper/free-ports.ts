import { createServer, type Server } from 'node:net';

/**
 * Below the ports that systems give to outgoing connections and to who asks for any: a server that is killed and
 * started again must find its port free again.
 */
const [LOWEST_PORT, HIGHEST_PORT] = [20_000, 32_000];
const TRIES = 100;

/**
 * Finds `count` different TCP ports that are free on 127.0.0.1. They are bound together and then closed, so someone
 * else may take one before it is used: callers retry when that happens.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = new Map<number, Server>();
  try {
    for (let tries = 0; servers.size < count; tries++) {
      if (tries === count + TRIES) throw new Error(`no ${count} free ports in ${tries} tries`);
      const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT));
      const server = await listenOn(port);
      if (server !== null) servers.set(port, server);
    }
  } finally {
    await Promise.all([...servers.values()].map((server) => close(server)));
  }
  return [...servers.keys()];
}

/** Null when somebody else listens there. */
function listenOn(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
