/** What was typed and not sent, a conversation each, in the phone's storage. */

const storageKey = 'kefu-desk-drafts';

/** How many are kept; of more, the oldest go. */
const most = 100;

interface Draft {
  readonly id: string;
  readonly text: string;
}

function readAll(): readonly Draft[] {
  const stored: unknown = wx.getStorageSync(storageKey);
  if (!Array.isArray(stored)) return [];
  return stored.filter((each: unknown): each is Draft => {
    const { id, text } = (each ?? {}) as { [field: string]: unknown };
    return typeof id === 'string' && typeof text === 'string';
  });
}

/** The draft of a conversation; empty where there is none. */
export function readDraft(id: string): string {
  return readAll().find((draft) => draft.id === id)?.text ?? '';
}

/** Keeps a draft; an empty one is none. */
export function writeDraft(id: string, text: string): void {
  const others = readAll().filter((draft) => draft.id !== id);
  wx.setStorageSync(storageKey, text === '' ? others : [{ id, text }, ...others].slice(0, most));
}
