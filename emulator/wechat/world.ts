import { type Account, accounts } from '../../shared/wechat/account';
import type { PlainObject } from '../../shared/wechat/fields/values';
import { mediaLifeSeconds } from '../../shared/wechat/media';
import {
  afterHappening,
  type Happening,
  isTypingAt,
  leftAt,
  noWindow,
  type ReplyWindow,
  type UserAct,
} from '../../shared/wechat/reply-window';
import type { EmulatorClock } from '../clock';
import type { Conversation, ConversationMessage } from '../entries';
import type { EventLog } from '../event-log';
import type { Ids } from '../ids';
import { sampleMedia } from './samples';
import { createTemplates, type Templates } from './templates';
import { createTokens, type Tokens } from './tokens';

/** A temporary media file that WeChat holds. */
export interface HeldMedia {
  readonly mediaId: string;
  readonly account: Account;
  readonly type: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  /** Seconds since 1970. */
  readonly createdAt: number;
}

/** A template or subscribe message that was sent. `msgid` is longer than a number holds. */
export interface Notice {
  readonly msgid: string;
  readonly account: Account;
  readonly openid: string;
  readonly template_id: string;
  readonly at: number;
  /** The result that is pushed once delivery has been tried. */
  readonly result: 'success' | 'failed:user block' | 'failed: system failed';
}

interface User {
  readonly messages: ConversationMessage[];
  readonly happenings: Happening[];
  window: ReplyWindow;
  person?: string;
  /** Takes no messages of the account. */
  blocked?: boolean;
}

/**
 * WeChat itself: its users, what they said and got, the media it holds.
 *
 * State and the rules that read it; the interfaces that change it stand in `open-api.ts` and `rest/`.
 */
export interface World {
  /** The appid of each account. */
  readonly appids: { readonly [A in Account]: string };
  now(): number;
  /** Makes a user known to an account; one that is known stays as it is. */
  meet(account: Account, openid: string): void;
  knows(account: Account, openid: string): boolean;
  /** The openids an account knows, in the order in which it met them. */
  users(account: Account): readonly string[];
  /** A user does something that opens the window. */
  act(account: Account, openid: string, act: UserAct): void;
  /** A user writes. */
  say(account: Account, openid: string, message: PlainObject): ConversationMessage;
  /** Puts a message from the service on the user's screen. */
  deliver(account: Account, openid: string, payload: PlainObject): void;
  /** Puts a passive answer on the user's screen: it comes in the response to a push, outside the reply window. */
  answer(account: Account, openid: string, payload: PlainObject): void;
  /** Puts a template or subscribe message on the user's screen; the reply window does not count it. */
  notify(account: Account, openid: string, payload: PlainObject): Notice;
  /** Template and subscribe messages, with the results that WeChat pushes later. */
  readonly notices: readonly Notice[];
  /** Whether this client message id was used within ten minutes; notes it. */
  usedClientMessageId(account: Account, id: string): boolean;
  /** A user subscribes to a template; each time is good for one message. */
  subscribe(openid: string, templateId: string, times: number): void;
  /** Uses up one subscription; `false` where there is none. */
  useSubscription(openid: string, templateId: string): boolean;
  /** A user refuses the account's messages, or takes them again. */
  block(account: Account, openid: string, blocked: boolean): void;
  /** The conversation goes to a person: to a customer-service account, or to any (`''`). */
  handOver(account: Account, openid: string, person: string): void;
  /** Calls back for each template and subscribe message. */
  onNotice(listener: (notice: Notice) => void): void;
  readonly templates: Templates;
  /** WeChat's access tokens for its HTTPS interface. */
  readonly tokens: Tokens;
  setTyping(account: Account, openid: string, on: boolean): void;
  window(account: Account, openid: string): ReplyWindow;
  happenings(account: Account, openid: string): readonly Happening[];
  conversation(account: Account, openid: string): Conversation;
  keepMedia(media: Omit<HeldMedia, 'mediaId' | 'createdAt'>): HeldMedia;
  /** The address at which the page and WeChat's clients find a media file. */
  mediaUrl(account: Account, mediaId: string): string;
  /** A media file that WeChat still holds for an account. */
  media(account: Account, mediaId: string): HeldMedia | undefined;
  reset(): void;
}

/** Message ids of templates outgrow what a JavaScript number holds. */
const firstMsgid = 2_400_000_000_000_000_001n;

/** How long WeChat remembers a client message id. */
const clientMessageIdMs = 10 * 60 * 1000;

interface WorldOptions {
  readonly clock: EmulatorClock;
  readonly ids: Ids;
  readonly log: EventLog;
  readonly appids: { readonly [A in Account]: string };
  readonly url: string;
}

/** Where a media file is found, from the local WeChat's root. */
function mediaPath(account: Account, mediaId: string): string {
  return `/_emulator/media/${account}/${encodeURIComponent(mediaId)}`;
}

export function createWorld({ clock, ids, log, appids, url }: WorldOptions): World {
  const users = new Map<Account, Map<string, User>>();
  const media = new Map<string, HeldMedia>();
  const notices: Notice[] = [];
  const noticeListeners: ((notice: Notice) => void)[] = [];
  const clientMessageIds = new Map<string, number>();
  const subscriptions = new Map<string, number>();
  const templates = createTemplates();
  const tokens = createTokens(clock, ids);

  const reset = () => {
    for (const account of accounts) users.set(account, new Map());
    media.clear();
    notices.splice(0);
    clientMessageIds.clear();
    subscriptions.clear();
    templates.reset();
    tokens.reset();
  };
  reset();

  const userOf = (account: Account, openid: string): User => {
    const known = users.get(account)?.get(openid);
    if (known !== undefined) return known;
    const user: User = { messages: [], happenings: [], window: noWindow };
    users.get(account)?.set(openid, user);
    return user;
  };

  const happen = (account: Account, openid: string, kind: Happening['kind']) => {
    const user = userOf(account, openid);
    const happening: Happening = { kind, at: clock.now() };
    user.happenings.push(happening);
    user.window = afterHappening(account, user.window, happening);
  };

  const show = (account: Account, openid: string, message: ConversationMessage) => {
    userOf(account, openid).messages.push(message);
    log.add({ kind: 'message', openid, account, message });
    return message;
  };

  const findMedia = (account: Account, mediaId: string): HeldMedia | undefined => {
    const held = media.get(`${account} ${mediaId}`);
    if (held !== undefined) {
      return clock.now() / 1000 < held.createdAt + mediaLifeSeconds ? held : undefined;
    }
    const sample = sampleMedia[mediaId];
    return sample && { ...sample, mediaId, account, createdAt: Math.floor(clock.now() / 1000) };
  };

  /** The page's addresses of the media that a payload names. */
  const mediaIn = (account: Account, payload: unknown): Record<string, string> => {
    const found: Record<string, string> = {};
    const visit = (value: unknown, key: string) => {
      if (typeof value === 'object' && value !== null) {
        for (const [inner, part] of Object.entries(value)) visit(part, inner);
      } else if (
        typeof value === 'string' &&
        /media_?id$/i.test(key) &&
        findMedia(account, value) !== undefined
      ) {
        found[value] = mediaPath(account, value);
      }
    };
    visit(payload, '');
    return found;
  };

  const message = (
    account: Account,
    from: ConversationMessage['from'],
    msgtype: unknown,
    payload: PlainObject,
  ): ConversationMessage => ({
    id: ids.next('msg'),
    at: clock.now(),
    from,
    msgtype: String(msgtype),
    message: payload,
    media: mediaIn(account, payload),
  });

  const window = (account: Account, openid: string): ReplyWindow => {
    const { window: current } = users.get(account)?.get(openid) ?? { window: noWindow };
    return leftAt(current, clock.now());
  };

  return {
    appids,
    now: () => clock.now(),
    meet: (account, openid) => void userOf(account, openid),
    knows: (account, openid) => users.get(account)?.has(openid) ?? false,
    users: (account) => [...(users.get(account)?.keys() ?? [])],
    act(account, openid, act) {
      happen(account, openid, act);
      log.add({ kind: 'act', openid, account, act });
    },
    say(account, openid, fields) {
      // A click in a msgmenu comes back as text; an official account's window counts it as a click.
      const isClick = account === 'official' && fields['bizmsgmenuid'] !== undefined;
      happen(account, openid, isClick ? 'menu-click' : 'message');
      return show(account, openid, message(account, 'user', fields['MsgType'] ?? 'text', fields));
    },
    deliver(account, openid, payload) {
      const typing = isTypingAt(userOf(account, openid).happenings, clock.now());
      happen(account, openid, 'sent');
      if (typing) log.add({ kind: 'typing', openid, account, on: false });
      show(account, openid, message(account, 'service', payload['msgtype'], payload));
    },
    answer(account, openid, payload) {
      show(account, openid, message(account, 'service', payload['msgtype'], payload));
    },
    notify(account, openid, payload) {
      const msgtype = account === 'official' ? 'template' : 'subscribe';
      show(account, openid, message(account, 'service', msgtype, payload));
      const msgid = String(firstMsgid + BigInt(notices.length));
      const templateId = String(payload['template_id'] ?? '');
      const result = userOf(account, openid).blocked ? 'failed:user block' : 'success';
      const notice: Notice = { msgid, account, openid, template_id: templateId, at: clock.now(), result };
      notices.push(notice);
      for (const listener of noticeListeners) listener(notice);
      return notice;
    },
    notices,
    block(account, openid, blocked) {
      userOf(account, openid).blocked = blocked;
    },
    handOver(account, openid, person) {
      userOf(account, openid).person = person;
      log.add({ kind: 'act', openid, account, act: `transfer_customer_service ${person}`.trim() });
    },
    onNotice: (listener) => void noticeListeners.push(listener),
    usedClientMessageId(account, id) {
      const key = `${account} ${id}`;
      const used = clock.now() - (clientMessageIds.get(key) ?? Number.NEGATIVE_INFINITY) < clientMessageIdMs;
      if (!used) clientMessageIds.set(key, clock.now());
      return used;
    },
    subscribe(openid, templateId, times) {
      const key = `${openid} ${templateId}`;
      subscriptions.set(key, (subscriptions.get(key) ?? 0) + times);
      log.add({ kind: 'act', openid, account: 'miniprogram', act: `subscribe ${templateId}` });
    },
    useSubscription(openid, templateId) {
      const key = `${openid} ${templateId}`;
      const left = subscriptions.get(key) ?? 0;
      if (left > 0) subscriptions.set(key, left - 1);
      return left > 0;
    },
    templates,
    tokens,
    setTyping(account, openid, on) {
      happen(account, openid, on ? 'typing' : 'cancel-typing');
      log.add({ kind: 'typing', openid, account, on });
    },
    window,
    happenings: (account, openid) => users.get(account)?.get(openid)?.happenings ?? [],
    conversation(account, openid) {
      const user = users.get(account)?.get(openid);
      const current = window(account, openid);
      return {
        openid,
        account,
        messages: [...(user?.messages ?? [])],
        window: { ...current, open: clock.now() < current.closesAt },
        typing: isTypingAt(user?.happenings ?? [], clock.now()),
        person: user?.person,
      };
    },
    keepMedia(file) {
      const held = { ...file, mediaId: ids.next('media-'), createdAt: Math.floor(clock.now() / 1000) };
      media.set(`${file.account} ${held.mediaId}`, held);
      return held;
    },
    mediaUrl: (account, mediaId) => `${url}${mediaPath(account, mediaId)}`,
    media: findMedia,
    reset,
  };
}
