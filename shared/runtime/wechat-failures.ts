import type { WeChatFailure } from '../core/ports';

/** Why a call to WeChat came to nothing, the same words whichever way it went. */

/** A call of which it is known that nothing was done. */
export function neverLeft(errCode: number, errMsg: string): WeChatFailure {
  return { ok: false, errCode, errMsg, outcome: 'none' };
}

/** A call that left, and may have been carried out. */
export function unanswered(errMsg: string, errCode = -501001): WeChatFailure {
  return { ok: false, errCode, errMsg, outcome: 'unknown' };
}

/** A call that the network failed. */
export function networkFailure(outcome: 'none' | 'unknown'): WeChatFailure {
  return outcome === 'none'
    ? neverLeft(-501001, 'WeChat could not be reached')
    : unanswered('no answer from WeChat');
}
