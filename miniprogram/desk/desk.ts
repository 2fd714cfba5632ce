import { newRequestId } from '../kefu-client';
import { callDesk } from './desk-client';
import { createDesk } from './model/create-desk';
import type { Desk, Outgoing } from './model/desk-state';

const storageKey = 'kefu-desk-outgoing';

function isOutgoing(value: unknown): value is Outgoing {
  const { requestId, message, at, state } = (value ?? {}) as { [field: string]: unknown };
  return (
    typeof requestId === 'string' &&
    typeof at === 'number' &&
    typeof message === 'object' &&
    message !== null &&
    typeof (message as { msgtype?: unknown }).msgtype === 'string' &&
    (state === 'sending' || state === 'failed' || state === 'unknown')
  );
}

/** What was on its way when the desk was closed, as far as it can be made out. */
function readOutgoing(): Desk['outgoing'] {
  const stored: unknown = wx.getStorageSync(storageKey);
  if (typeof stored !== 'object' || stored === null) return {};
  const found: { [id: string]: readonly Outgoing[] } = {};
  for (const id of Object.keys(stored)) {
    const each = (stored as { [id: string]: unknown })[id];
    if (Array.isArray(each)) found[id] = each.filter(isOutgoing);
  }
  return found;
}

/** The one desk of this mini program: all its pages show it. */
export const desk = createDesk({
  call: callDesk,
  now: () => Date.now(),
  after(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
  newId: newRequestId,
  readOutgoing,
  writeOutgoing: (outgoing) => wx.setStorageSync(storageKey, outgoing),
});

// The network is back: what is new is asked for at once.
wx.onNetworkStatusChange(({ isConnected }) => {
  if (isConnected) desk.wake();
});
