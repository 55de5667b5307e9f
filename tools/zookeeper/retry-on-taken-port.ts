import { ServerStartError } from './zookeeper-server.ts';

const ATTEMPTS = 5;

/**
 * Calls `start` again, which chooses other ports, when a port that looked free was taken by someone
 * else before the server bound it; five times at most.
 */
export async function retryOnTakenPort<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      const taken = error instanceof ServerStartError && error.portTaken;
      if (!taken || attempt === ATTEMPTS) throw error;
    }
  }
}
