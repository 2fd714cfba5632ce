import type { Entry } from '../../entries';
import { api, type Who } from './api';
import type { LocalWeChat } from './state';

type Values = Partial<LocalWeChat>;

/** What the page fetches, each part by a request of its own. */
export const allParts = ['info', 'files', 'faults', 'outbox', 'templates', 'conversation'] as const;
type Part = (typeof allParts)[number];

/** What an entry of the log changes of all that the page fetches, by its kind. */
export const changes: { readonly [K in Entry['kind']]: readonly Part[] } = {
  reset: allParts,
  clock: ['info', 'conversation'],
  message: ['info', 'conversation'],
  act: ['info', 'conversation'],
  typing: ['conversation'],
  call: ['files', 'outbox', 'faults'],
  wire: ['faults'],
  start: [],
  push: [],
  model: [],
  log: [],
};

/** What an entry changes for who is shown: another's conversation is not on the page. */
export function changedBy(entry: Entry, { account, openid }: Who): readonly Part[] {
  const isOfAnother =
    'openid' in entry && 'account' in entry && (entry.openid !== openid || entry.account !== account);
  return changes[entry.kind].filter((part) => !(isOfAnother && part === 'conversation'));
}

/** Fetches parts of what the page shows anew. Resolves with what was fetched, when nothing is wanted any more. */
export type Load = (...parts: readonly Part[]) => Promise<Values>;

/**
 * Makes the loader. What comes together is shown together, so that it is drawn once; what is asked for meanwhile is
 * fetched once after that. What cannot be fetched stays as it was: the feed tells that the connection is lost.
 */
export function createLoad(set: (values: Values) => void, who: { current: Who }): Load {
  const fetched: { readonly [P in Part]: () => Promise<Values> } = {
    async info() {
      const info = await api.info();
      // The usual user, as soon as it is known.
      if (who.current.openid === '') who.current = { ...who.current, openid: info.openid };
      return { info, aheadMs: info.now - Date.now() };
    },
    files: async () => ({ files: await api.files() }),
    faults: async () => ({ faults: await api.faults() }),
    outbox: async () => ({ outbox: await api.outbox() }),
    templates: async () => ({ templates: await api.templates() }),
    conversation: async () =>
      who.current.openid === '' ? {} : { conversation: await api.conversation(who.current) },
  };
  const wanted = new Set<Part>();
  let running: Promise<Values> | undefined;
  const run = async () => {
    const all: Values = {};
    await undefined;
    while (wanted.size > 0) {
      const parts = [...wanted];
      wanted.clear();
      const answers = await Promise.all(parts.map((part) => fetched[part]().catch(() => ({}))));
      const { conversation, ...values }: Values = Object.assign({}, ...answers);
      // The user may have been changed meanwhile; that asks again.
      const isOfUser =
        conversation?.openid === who.current.openid && conversation.account === who.current.account;
      const shown = { ...values, who: who.current, ...(isOfUser ? { conversation } : {}) };
      set(shown);
      Object.assign(all, shown);
    }
    running = undefined;
    return all;
  };
  return (...parts) => {
    for (const part of parts) wanted.add(part);
    running ??= run();
    return running;
  };
}
