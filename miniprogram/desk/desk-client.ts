import type { ActionName, Actions, CallDesk, DeskRefusal, DeskResult } from './model/contract';
import { wordsFor } from './words';

/** The phone's language, such as `zh_CN`. */
export function language(): string {
  return wx.getAppBaseInfo().language;
}

/** The words in the phone's language. */
export function deskWords() {
  return wordsFor(language());
}

/** A call that did not get through, or whose answer did not. */
function explain(error: unknown): DeskRefusal {
  const { errMsg, message } = (error ?? {}) as { readonly errMsg?: unknown; readonly message?: unknown };
  const told = String(errMsg ?? message ?? error);
  const isMissing = /-501000|function ?name|function not found/i.test(told);
  return {
    ok: false,
    errCode: -1,
    errMsg: told.slice(0, 300),
    code: isMissing ? 'not-found' : 'offline',
    retryable: !isMissing,
    advice: isMissing ? 'Deploy kefu-desk, and check the env given to wx.cloud.init.' : 'Call again.',
  };
}

/** Calls `kefu-desk`. */
export const callDesk: CallDesk = async <A extends ActionName>(action: A, event: Actions[A]['event']) => {
  try {
    const lang = /^en/i.test(language()) ? 'en' : 'zh';
    const { result } = await wx.cloud.callFunction({ name: 'kefu-desk', data: { ...event, action, lang } });
    const answer = (typeof result === 'object' ? result : undefined) as { errCode?: unknown } | undefined;
    if (typeof answer?.errCode !== 'number') return explain('an answer that is none of kefu-desk');
    return { ...answer, ok: answer.errCode === 0 } as unknown as DeskResult<A>;
  } catch (error) {
    return explain(error);
  }
};
