import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Entry } from '../entries';
import type { EventLog } from '../event-log';
import { readOutbox } from '../outbox-view';
import type { Routes } from './route';

/** What has happened: the log, the same live, and what the outbox keeps. */
export const recordRoutes = {
  'GET /log': (context, { log }) => log.since(Number(context.req.query('since') ?? 0)),
  'GET /feed': (context, { log }) => streamFeed(context, log),
  'GET /outbox': (_context, { database }) => readOutbox(database),
} satisfies Routes;

/** How many entries are written together: each write of its own costs more than what it writes. */
const atOnce = 500;

function streamFeed(context: Context, log: EventLog): Response {
  const from = Number(context.req.header('last-event-id') ?? context.req.query('since') ?? 0) || 0;
  return streamSSE(context, async (stream) => {
    const pending = [...log.since(from)];
    let wake: () => void = () => undefined;
    const stop = log.subscribe((entry) => {
      pending.push(entry);
      wake();
    });
    stream.onAbort(() => {
      stop();
      wake();
    });
    while (!stream.aborted && !stream.closed) {
      if (pending.length > 0) {
        await stream.write(pending.splice(0, atOnce).map(toEvent).join(''));
        continue;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        // A comment now and then keeps the connection open and finds one that is gone.
        setTimeout(resolve, 15_000).unref();
      });
      if (!stream.aborted && pending.length === 0) await stream.write(': still here\n\n');
    }
    stop();
  });
}

/** An entry as an event of the feed. JSON has no line break, so it is one line. */
function toEvent(entry: Entry): string {
  return `id: ${entry.seq}\nevent: ${entry.kind}\ndata: ${JSON.stringify(entry)}\n\n`;
}
