import { setTimeout as pause } from 'node:timers/promises';
import type { Account } from '../../shared/wechat/account';
import type { PlainObject } from '../../shared/wechat/fields/values';
import type { EmulatorClock } from '../clock';
import type { EventLog } from '../event-log';
import type { FunctionRunner } from '../functions/runner';
import type { Ids } from '../ids';
import { type CallbackAnswer, type CallbackMode, type CallbackTarget, postPush } from './callback-client';
import { toPayload } from './passive-answers';
import type { World } from './world';

/**
 * WeChat's pushes: what a user does goes to the built functions, and again after five seconds, up to three times in
 * all, where no answer came in time.
 *
 * The mini program's go to a cloud function, `kefu-receive` or another that was chosen, as its event; the official
 * account's to the callback address of `kefu-gateway`.
 */
export interface Pusher {
  /**
   * Pushes what a user did. Resolves when the first attempt is over.
   *
   * @param of the entry of the log that says what the user did; the push goes by its number
   */
  push(account: Account, openid: string, fields: PlainObject, of?: number): Promise<void>;
  /** The function that gets the mini program's pushes. Default `kefu-receive`. */
  receiver: string;
  /** How the official account's pushes are written. Encrypted where a key is set. */
  mode: CallbackMode;
  reset(): void;
  readonly target: (account: Account) => CallbackTarget;
  /** How many pushes are under way. */
  readonly underWay: number;
}

export interface PusherParts {
  readonly world: World;
  readonly clock: EmulatorClock;
  readonly ids: Ids;
  readonly log: EventLog;
  readonly runner: FunctionRunner;
  readonly url: string;
  readonly variables: { readonly [name: string]: string };
}

const attempts = 3;
const repeatMs = 5000;
const usualReceiver = 'kefu-receive';

/** What the platform names as the source of a push is documented nowhere; this is none of those that are. */
const pushSource = 'wx_push';

export function createPusher(parts: PusherParts): Pusher {
  const { world, clock, ids, log } = parts;

  const target = (account: Account): CallbackTarget => ({
    url: `${parts.url}/gateway/callback${account === 'miniprogram' ? '/miniprogram' : ''}`,
    token: parts.variables['CALLBACK_TOKEN'] ?? '',
    aesKey: parts.variables['CALLBACK_AES_KEY'] ?? '',
    appid: world.appids[account],
    mode: pusher.mode,
  });

  const deliver = async (account: Account, push: PlainObject, id: string): Promise<CallbackAnswer> => {
    if (account === 'official') {
      const seconds = Math.floor(clock.now() / 1000);
      return postPush(target(account), push, seconds, { id, nonce: ids.next('nonce') });
    }
    const openid = String(push['FromUserName']);
    const invoked = await inTime(
      parts.runner.invoke({ name: pusher.receiver, data: push, source: pushSource, openid, push: id }),
    );
    if (invoked === undefined) return { ok: false, why: 'no answer within 5 s' };
    if (!invoked.ok) return { ok: false, why: invoked.errMsg };
    const { result } = invoked;
    if (result === 'success' || result === '' || result === null) return { ok: true, reply: undefined };
    const reply = result as PlainObject;
    return 'MsgType' in reply
      ? { ok: true, reply }
      : { ok: false, why: JSON.stringify(result).slice(0, 200) };
  };

  /** Grows with each reset: what was under way then is of a story that is over. */
  let story = 0;
  let pushed = 0;
  let underWay = 0;

  const attempt = async (
    account: Account,
    openid: string,
    push: PlainObject,
    id: string,
    number = 1,
  ): Promise<void> => {
    const startedAt = performance.now();
    const startedIn = story;
    const to = account === 'official' ? new URL(target(account).url).pathname : pusher.receiver;
    underWay += 1;
    const answered = await deliver(account, push, id);
    underWay -= 1;
    if (startedIn !== story) return;
    log.add({
      kind: 'push',
      id,
      openid,
      account,
      to,
      attempt: number,
      push,
      answer: answered.ok ? (answered.reply ?? 'success') : answered.why,
      ok: answered.ok,
      durationMs: Math.round(performance.now() - startedAt),
    });
    if (answered.ok) {
      if (answered.reply !== undefined) takeReply(account, openid, answered.reply);
    } else if (number < attempts) {
      clock.after(repeatMs, () => void attempt(account, openid, push, id, number + 1));
    }
  };

  /** A hand-over, or an official account's passive message. */
  const takeReply = (account: Account, openid: string, reply: PlainObject) => {
    if (reply['MsgType'] === 'transfer_customer_service') {
      const info = reply['TransInfo'] as PlainObject | undefined;
      world.handOver(account, openid, String(info?.['KfAccount'] ?? ''));
    } else if (account === 'official') {
      const payload = toPayload(openid, reply);
      if (payload !== undefined) world.answer(account, openid, payload);
    }
  };

  // Until one is chosen it follows the variables, which are not all there yet.
  let chosen: CallbackMode | undefined;
  const pusher: Pusher = {
    receiver: usualReceiver,
    get mode() {
      const isKeySet = (parts.variables['CALLBACK_AES_KEY'] ?? '') !== '';
      return chosen ?? { encrypted: isKeySet, format: 'xml' };
    },
    set mode(mode) {
      chosen = mode;
    },
    reset() {
      story += 1;
      chosen = undefined;
      pusher.receiver = usualReceiver;
    },
    target,
    get underWay() {
      return underWay;
    },
    push(account, openid, fields, of) {
      if (account === 'miniprogram' && !parts.runner.functions.has(pusher.receiver)) return Promise.resolve();
      const seconds = Math.floor(clock.now() / 1000);
      const isMessage = fields['MsgType'] !== 'event';
      const push = {
        ToUserName: account === 'official' ? 'gh_0000000000ff' : world.appids[account],
        FromUserName: openid,
        CreateTime: seconds,
        ...fields,
        ...(isMessage
          ? { MsgId: account === 'official' ? longId(ids) : `${ids.next('hash')}_${seconds}` }
          : {}),
      };
      pushed += 1;
      return attempt(account, openid, push, of === undefined ? `push${pushed}` : String(of));
    },
  };
  return pusher;
}

/** A message id as the official account has it: a number of 64 bits, whole. */
function longId(ids: Ids): string {
  return String(24_000_000_000_000_000n + BigInt(Math.floor(ids.random() * 1e9)));
}

/** A function's answer, if it comes within the time that WeChat waits. */
async function inTime<T>(answer: Promise<T>): Promise<T | undefined> {
  const over = new AbortController();
  try {
    return await Promise.race([answer, pause(repeatMs, undefined, { signal: over.signal })]);
  } finally {
    over.abort();
  }
}
