import type { Conversation, Entry } from '../../entries';
import type { Fault } from '../../faults';
import type { OutboxView } from '../../outbox-view';
import type { TemplateEntry } from '../../wechat/templates';
import { asFields } from '../fields';
import { readKept } from '../kept';
import type { ApiError, CloudFileInfo, EmulatorInfo, Who } from './api';
import { type ActEntry, addEntries, type LogCards, noCards } from './log-cards';

/** All that the page knows of the local WeChat. */
export interface LocalWeChat {
  readonly info: EmulatorInfo | undefined;
  readonly online: boolean;
  /** How far the emulator's time is ahead of this machine's, in milliseconds. */
  readonly aheadMs: number;
  readonly who: Who;
  readonly conversation: Conversation | undefined;
  /** What users did without words, oldest first. */
  readonly acts: readonly ActEntry[];
  readonly log: LogCards;
  readonly files: readonly CloudFileInfo[];
  readonly faults: readonly Fault[];
  readonly templates: readonly TemplateEntry[];
  /** The queued messages; absent before they were asked for. */
  readonly outbox: OutboxView | undefined;
  /** What went wrong with the last action; absent where nothing did. */
  readonly problem: ApiError | undefined;
}

export type Change = { readonly set: Partial<LocalWeChat> } | { readonly entries: readonly Entry[] };

/** The user of before a reload. The usual user's openid is known only once the server has answered; until then there is none. */
function firstWho(): Who {
  const { account, openid } = asFields(readKept('who'));
  return {
    account: account === 'official' ? account : 'miniprogram',
    openid: typeof openid === 'string' ? openid : '',
  };
}

/** What the page knows before the local WeChat has answered. */
export const initial: LocalWeChat = {
  info: undefined,
  online: false,
  aheadMs: 0,
  who: firstWho(),
  conversation: undefined,
  acts: [],
  log: noCards,
  files: [],
  faults: [],
  templates: [],
  outbox: undefined,
  problem: undefined,
};

const keepActs = 200;

/** The state after a change: values to set, or entries that came. */
export function reduce(state: LocalWeChat, change: Change): LocalWeChat {
  if ('set' in change) return { ...state, ...change.set };
  const { entries } = change;
  const lastReset = entries.findLastIndex(({ kind }) => kind === 'reset');
  const newActs = entries.slice(lastReset + 1).filter((entry) => entry.kind === 'act');
  const acts = lastReset === -1 ? [...state.acts, ...newActs] : newActs;
  return { ...state, acts: acts.slice(-keepActs), log: addEntries(state.log, entries) };
}

/** The users that an account knows, with the one that is shown. */
export function usersOf(info: EmulatorInfo | undefined, { account, openid }: Who): readonly string[] {
  const known = info?.users[account] ?? [];
  return openid === '' || known.includes(openid) ? known : [...known, openid];
}
