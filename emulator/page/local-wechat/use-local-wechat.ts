import { useCallback, useEffect, useMemo, useReducer, useRef } from 'preact/hooks';
import { type Actions, createActions } from './actions';
import { followFeed } from './feed';
import { allParts, changedBy, createLoad } from './loaders';
import { noCards } from './log-cards';
import { initial, type LocalWeChat, reduce } from './state';

/** Follows the local WeChat and acts in it. */
export function useLocalWeChat(): [LocalWeChat, Actions] {
  const [state, change] = useReducer(reduce, initial);
  const set = useCallback((values: Partial<LocalWeChat>) => change({ set: values }), []);
  const who = useRef(state.who);

  const load = useMemo(() => createLoad(set, who), [set]);

  useEffect(() => {
    // All that had happened before the rest was asked for is in the rest: of that the log alone has to be told.
    let knownSeq = 0;
    let end: (() => void) | undefined = () => undefined;
    void load('info').then(({ info }) => {
      if (end === undefined) return;
      knownSeq = info?.seq ?? 0;
      void load(...allParts.filter((part) => part !== 'info'));
      end = followFeed({
        onEntries(entries) {
          change({ entries });
          void load(
            ...entries.filter(({ seq }) => seq > knownSeq).flatMap((entry) => changedBy(entry, who.current)),
          );
        },
        onOnline: (online) => set({ online }),
        onRestart() {
          knownSeq = 0;
          set({ log: noCards, acts: [] });
          void load(...allParts);
        },
      });
    });
    return () => {
      end?.();
      end = undefined;
    };
  }, [load, set]);

  // The sign that an answer is being written goes by itself, without an entry.
  const typing = state.conversation?.typing === true;
  useEffect(() => {
    if (!typing) return undefined;
    const timer = setInterval(() => void load('conversation'), 1000);
    return () => clearInterval(timer);
  }, [typing, load]);

  const actions = useMemo(() => createActions(set, who, load), [set, load]);
  return [state, actions];
}
