import { useCallback, useEffect, useMemo, useReducer, useRef } from 'preact/hooks';
import type { Entry } from '../../entries';
import { type Actions, createActions } from './actions';
import type { Who } from './api';
import { followFeed } from './feed';
import { createLoaders } from './loaders';
import { initial, type LocalWeChat, reduce } from './state';

/** Follows the local WeChat and acts in it. */
export function useLocalWeChat(): [LocalWeChat, Actions] {
  const [state, change] = useReducer(reduce, initial);
  const set = useCallback((values: Partial<LocalWeChat>) => change({ set: values }), []);
  const who = useRef(state.who);

  const load = useMemo(() => createLoaders(set, who), [set]);

  useEffect(() => {
    const loadAll = () => {
      load.info();
      load.files();
      load.faults();
      load.outbox();
      load.templates();
    };
    loadAll();
    return followFeed({
      onEntries(entries) {
        change({ entries });
        const has = (kind: Entry['kind']) => entries.some((entry) => entry.kind === kind);
        if (has('reset')) loadAll();
        else {
          if (has('clock') || has('message') || has('act')) load.info();
          if (has('call')) {
            load.files();
            load.outbox();
          }
          if (has('wire') || has('call')) load.faults();
        }
        if (entries.some((entry) => bearsOn(entry, who.current))) load.conversation();
      },
      onOnline: (online) => set({ online }),
      onRestart() {
        change({ restart: true });
        loadAll();
        load.conversation();
      },
    });
  }, [load, set]);

  // The usual user, as soon as it is known.
  const { openid } = state.who;
  const usual = state.info?.openid;
  useEffect(() => {
    if (openid !== '' || usual === undefined) return;
    who.current = { ...who.current, openid: usual };
    set({ who: who.current });
    load.conversation();
  }, [openid, usual, load, set]);

  // The sign that an answer is being written goes by itself, without an entry.
  const typing = state.conversation?.typing === true;
  useEffect(() => {
    if (!typing) return undefined;
    const timer = setInterval(load.conversation, 1000);
    return () => clearInterval(timer);
  }, [typing, load]);

  const actions = useMemo(() => createActions(set, who, load), [set, load]);
  return [state, actions];
}

/** Whether an entry changes what stands on a user's phone. */
function bearsOn(entry: Entry, who: Who): boolean {
  switch (entry.kind) {
    case 'message':
    case 'typing':
    case 'act':
      return entry.openid === who.openid && entry.account === who.account;
    case 'clock':
    case 'reset':
      return true;
    default:
      return false;
  }
}
