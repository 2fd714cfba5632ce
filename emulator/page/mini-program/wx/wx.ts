import { userPath } from '../files';
import { ways } from '../page-stack';
import type { Pages } from '../pages';
import { type Options, textOf, toApis, type Work } from './api';
import { cloud } from './cloud';
import { mediaApis } from './media';
import { questionApis } from './questions';
import { createSelectorQuery } from './selector-query';
import { storage } from './storage';
import { systemApis } from './system';

/** `wx`, as far as the phone has it: an API that is not here is not there, and `wx.canIUse` says so. */
export function createWx(pages: () => Pages | undefined): object {
  const navigation: { readonly [name: string]: Work } = {
    ...Object.fromEntries(
      ways.map((way) => [
        way,
        ({ url, delta, events }: Options) => {
          pages()?.open(way, { url: textOf(url), ...(delta === undefined ? {} : { delta: Number(delta) }) });
          return way === 'navigateTo' ? { eventChannel: openChannel(pages(), events) } : undefined;
        },
      ]),
    ),
    setNavigationBarTitle({ title }) {
      pages()?.setTitle(textOf(title));
    },
    startPullDownRefresh() {
      const { onPullDownRefresh } = (pages()?.current?.drawn.instance ?? {}) as { [name: string]: unknown };
      if (typeof onPullDownRefresh === 'function') onPullDownRefresh.call(pages()?.current?.drawn.instance);
    },
  };
  const wx = {
    cloud,
    env: { USER_DATA_PATH: userPath },
    ...storage,
    ...questionApis,
    ...mediaApis,
    ...systemApis,
    ...toApis(navigation),
    createSelectorQuery: () => createSelectorQuery(pages()?.current?.drawn.instance),
    canIUse: (name: unknown): boolean => Object.hasOwn(wx, textOf(name).split('.')[0] ?? ''),
  };
  return wx;
}

type Listener = (...args: readonly unknown[]) => void;

/** What a page that was opened and the one that opened it say to each other. */
function openChannel(pages: Pages | undefined, events: unknown) {
  const [here, there] = [new Map<string, Set<Listener>>(), new Map<string, Set<Listener>>()];
  const side = (mine: typeof here, others: typeof here) => ({
    on: (name: string, listener: Listener) => {
      mine.set(name, (mine.get(name) ?? new Set()).add(listener));
    },
    once: (name: string, listener: Listener) => {
      const only: Listener = (...args) => {
        mine.get(name)?.delete(only);
        listener(...args);
      };
      mine.set(name, (mine.get(name) ?? new Set()).add(only));
    },
    off: (name: string, listener: Listener) => void mine.get(name)?.delete(listener),
    emit: (name: string, ...args: readonly unknown[]) => {
      for (const listener of others.get(name) ?? []) listener(...args);
    },
  });
  const opener = side(here, there);
  for (const [name, listener] of Object.entries((events ?? {}) as { [name: string]: Listener }))
    opener.on(name, listener);
  const opened = side(there, here);
  const instance = pages?.current?.drawn.instance;
  if (instance !== undefined) instance['getOpenerEventChannel'] = () => opened;
  return opener;
}
