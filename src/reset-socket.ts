import type { Socket } from 'node:net';

/**
 * Ends a connection with a reset. One whose own end is under way is closed instead: libuv refuses to reset it, and
 * Node would leave it open for ever (EINVAL, and no `close`; seen with 20.20).
 */
export function resetSocket(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
