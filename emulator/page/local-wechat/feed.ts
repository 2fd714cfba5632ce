import type { Entry } from '../../entries';
import { api, feedUrl } from './api';
import { changes } from './loaders';

interface FeedListener {
  /** Entries that came close together, oldest first. */
  onEntries(entries: readonly Entry[]): void;
  onOnline(online: boolean): void;
  /** The entries so far are void: another local WeChat answers at this address. All comes again from the start. */
  onRestart(): void;
}

/** How long entries are gathered, in milliseconds, so that a burst, such as all of a quick call, is drawn once. */
const gatherMs = 40;
const reconnectMs = 1500;

/**
 * Follows what happens in the local WeChat, from its first entry on. Returns what ends it.
 *
 * `EventSource` reconnects and resumes by itself. Where the server was started anew meanwhile, its numbers begin again
 * and nothing could be resumed; so after each reconnection the last entry is looked up.
 */
export function followFeed(listener: FeedListener): () => void {
  let source: EventSource | undefined;
  let last: Entry | undefined;
  let pending: Entry[] = [];
  let gathering: ReturnType<typeof setTimeout> | undefined;
  let reconnecting: ReturnType<typeof setTimeout> | undefined;

  const flush = () => {
    gathering = undefined;
    const entries = pending;
    pending = [];
    listener.onEntries(entries);
  };

  const receive = (event: MessageEvent<string>) => {
    const entry = JSON.parse(event.data) as Entry;
    last = entry;
    pending.push(entry);
    gathering ??= setTimeout(flush, gatherMs);
  };

  const restart = () => {
    source?.close();
    clearTimeout(gathering);
    gathering = undefined;
    pending = [];
    last = undefined;
    listener.onRestart();
    connect();
  };

  const connect = () => {
    const opened = new EventSource(feedUrl);
    source = opened;
    let before = false;
    // Its events are named by the kinds of entry.
    for (const kind of Object.keys(changes)) opened.addEventListener(kind, receive as EventListener);
    opened.onopen = () => {
      listener.onOnline(true);
      if (before) {
        isSameServer(last).then(
          (same) => {
            if (!same && source === opened) restart();
          },
          () => undefined,
        );
      }
      before = true;
    };
    opened.onerror = () => {
      listener.onOnline(false);
      // The browser gives up where the address answered, but not with a feed.
      if (opened.readyState === EventSource.CLOSED && source === opened) {
        reconnecting = setTimeout(restart, reconnectMs);
      }
    };
  };

  connect();
  return () => {
    source?.close();
    source = undefined;
    clearTimeout(gathering);
    clearTimeout(reconnecting);
  };
}

/** Whether the server still holds the entry that came last, so that its numbers go on from there. */
async function isSameServer(last: Entry | undefined): Promise<boolean> {
  if (last === undefined) return true;
  const [held] = await api.logSince(last.seq - 1);
  return held?.seq === last.seq && held.at === last.at && held.kind === last.kind;
}
