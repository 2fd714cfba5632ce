import type { Agent } from 'node:http';
import type { Socket } from 'node:net';

/** How long a connection may have waited and still be used, in milliseconds. No gateway closes one sooner. */
const maxIdleMs = 1000;

/** When each connection was last used, by the wall clock, which goes on while an instance is frozen. */
const freedAt = new WeakMap<Socket, number>();
const watched = new WeakSet<Agent>();

/**
 * Closes the connections of an agent that have waited for longer than a second.
 *
 * From Node 20 on the agent keeps connections open. The cloud freezes an instance between two calls, so its timers do
 * not run, and a connection that the other side has long forgotten looks alive. A message sent over it ends in
 * `socket hang up`, and then nobody knows whether it was delivered.
 */
export function closeIdle(agent: Agent): void {
  if (!watched.has(agent)) {
    watched.add(agent);
    agent.on('free', (socket: Socket) => freedAt.set(socket, Date.now()));
  }
  const oldest = Date.now() - maxIdleMs;
  for (const host in agent.freeSockets) {
    for (const socket of agent.freeSockets[host] ?? []) {
      if ((freedAt.get(socket) ?? 0) < oldest) socket.destroy();
    }
  }
}
