import { chrome, type Dialog } from '../chrome-state';
import { addressOf } from '../files';
import { openid } from '../phone';
import { words } from '../words';
import { Failure, textOf, toApis } from './api';

type WithoutAnswer<D> = D extends { readonly answer: unknown } ? Omit<D, 'answer'> : never;
type AnswerOf<K extends Dialog['kind']> = Parameters<Extract<Dialog, { kind: K }>['answer']>[0];

/** Covers the screen with a question until it is answered. */
function ask<K extends Dialog['kind']>(
  question: WithoutAnswer<Extract<Dialog, { kind: K }>>,
): Promise<AnswerOf<K>> {
  return new Promise((resolve) => {
    const answer = (given: AnswerOf<K>) => {
      chrome.set({ dialog: undefined });
      resolve(given);
    };
    chrome.set({ dialog: { ...question, answer } as unknown as Dialog });
  });
}

let fading: ReturnType<typeof setTimeout> | undefined;

/** How long a toast stands where nothing is said, in milliseconds. */
const usualDuration = 1500;

/** Shows a line that goes by itself. */
export function showToast(title: string, icon = 'none', mask = false, duration = usualDuration): void {
  clearTimeout(fading);
  chrome.set({ toast: { title, icon, mask } });
  fading = setTimeout(() => chrome.set({ toast: undefined }), duration);
}

function hideToast(): void {
  clearTimeout(fading);
  chrome.set({ toast: undefined });
}

/** What covers the screen: toasts, questions, pictures. */
export const questionApis = toApis({
  showToast({ title, icon, mask, duration }) {
    showToast(textOf(title), textOf(icon ?? 'success'), mask === true, Number(duration) || usualDuration);
  },
  hideToast,
  showLoading({ title, mask }) {
    clearTimeout(fading);
    chrome.set({ toast: { title: textOf(title), icon: 'loading', mask: mask === true } });
  },
  hideLoading: hideToast,

  async showModal({ title, content, editable, placeholderText, showCancel, confirmText, cancelText }) {
    const typed = await ask<'modal'>({
      kind: 'modal',
      title: textOf(title),
      content: editable === true ? '' : textOf(content),
      typed: editable === true ? textOf(content) : undefined,
      placeholder: textOf(placeholderText),
      confirm: textOf(confirmText) || words.confirm,
      cancel: showCancel === false ? undefined : textOf(cancelText) || words.cancel,
    });
    const confirm = typed !== undefined;
    return { confirm, cancel: !confirm, content: editable === true && confirm ? typed : null };
  },

  async showActionSheet({ itemList, alertText }) {
    const items = Array.isArray(itemList) ? itemList.map(textOf) : [];
    const tapIndex = await ask<'sheet'>({ kind: 'sheet', title: textOf(alertText), items });
    if (tapIndex === undefined) throw new Failure('cancel');
    return { tapIndex };
  },

  async previewImage({ urls, current }) {
    const all = Array.isArray(urls) ? urls.map(textOf) : [];
    const at = typeof current === 'number' ? current : all.indexOf(textOf(current));
    void ask<'pictures'>({
      kind: 'pictures',
      urls: all.map((url) => addressOf(url)),
      current: Math.max(0, at),
    });
  },

  async openLocation({ name, address, latitude, longitude }) {
    void ask<'modal'>({
      kind: 'modal',
      title: textOf(name) || words.place,
      content: `${textOf(address)}\n${textOf(latitude)}, ${textOf(longitude)}`.trim(),
      confirm: words.confirm,
    });
  },

  async requestSubscribeMessage({ tmplIds }) {
    const ids = Array.isArray(tmplIds) ? tmplIds.map(textOf) : [];
    if (ids.length === 0) throw new Failure('tmplIds should not be empty', { errCode: 20004 });
    const allowed = await ask<'modal'>({
      kind: 'modal',
      title: words.subscribe,
      content: ids.join('\n'),
      confirm: words.allow,
      cancel: words.cancel,
    });
    const answers = await Promise.all(
      ids.map(async (id) => [id, allowed === undefined ? 'reject' : await subscribe(id)] as const),
    );
    return Object.fromEntries(answers);
  },
});

/** Allows one message of a template. One that the account has not is filtered, as by WeChat. */
async function subscribe(id: string): Promise<'accept' | 'filter'> {
  const response = await fetch(`/_emulator/users/${encodeURIComponent(openid)}/subscribe`, {
    method: 'POST',
    body: JSON.stringify({ template_id: id }),
  });
  return response.ok ? 'accept' : 'filter';
}
