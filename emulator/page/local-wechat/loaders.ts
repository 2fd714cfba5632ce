import { api, type Who } from './api';
import type { LocalWeChat } from './state';

/** What fetches a part of what the page shows anew. */
export type Loaders = ReturnType<typeof createLoaders>;

/** Makes the loaders. What cannot be fetched stays as it was: the feed tells that the connection is lost. */
export function createLoaders(set: (values: Partial<LocalWeChat>) => void, who: { readonly current: Who }) {
  return {
    info: coalesce(async () => {
      const info = await api.info();
      set({ info, aheadMs: info.now - Date.now() });
    }),
    files: coalesce(async () => set({ files: await api.files() })),
    faults: coalesce(async () => set({ faults: await api.faults() })),
    outbox: coalesce(async () => set({ outbox: await api.outbox() })),
    templates: coalesce(async () => set({ templates: await api.templates() })),
    conversation: coalesce(async () => {
      const asked = who.current;
      if (asked.openid === '') return;
      const conversation = await api.conversation(asked);
      // The user may have been changed meanwhile; that asks again.
      if (asked === who.current) set({ conversation });
    }),
  };
}

/** Runs a task once at a time, and once more where it was asked for meanwhile. Its failures show as being offline. */
function coalesce(task: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  const run = async () => {
    running = true;
    do {
      again = false;
      await task().catch(() => undefined);
    } while (again);
    running = false;
  };
  return () => {
    if (running) again = true;
    else void run();
  };
}
