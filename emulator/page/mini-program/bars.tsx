import { useEffect, useRef, useState } from 'preact/hooks';
import { type Dialog, useChrome } from './chrome-state';
import type { AppConfig } from './part';
import { phone } from './phone';
import { words } from './words';

/** The bar above a page: its title, and the way back. */
export function Bar() {
  const { title, canGoBack, custom } = useChrome();
  if (custom) return null;
  return (
    <header class="bar">
      {canGoBack && (
        <button
          type="button"
          class="back"
          aria-label={words.back}
          onClick={() => void phone.open('navigateBack', {})}
        >
          ‹
        </button>
      )}
      <h1 data-testid="bar-title">{title}</h1>
    </header>
  );
}

/** The tabs below. */
export function Tabs({ tabBar }: { tabBar: AppConfig['tabBar'] }) {
  const { tab, badges } = useChrome();
  if (tabBar === undefined || tab === undefined) return null;
  return (
    <nav class="tab-bar" aria-label={words.tabs}>
      {tabBar.list.map(({ pagePath, text }, index) => (
        <button
          type="button"
          key={pagePath}
          class={pagePath === tab ? 'here' : ''}
          aria-current={pagePath === tab ? 'page' : undefined}
          onClick={() => void phone.open('switchTab', { url: `/${pagePath}` })}
        >
          {text}
          {badges[index] !== undefined && <i class="badge">{badges[index]}</i>}
        </button>
      ))}
    </nav>
  );
}

const toastIcons: { readonly [icon: string]: string } = { success: '✓', error: '!', loading: '…' };

/** What covers the page for a while. */
export function Covers() {
  const { toast, dialog } = useChrome();
  return (
    <>
      {toast !== undefined && (
        <div class={toast.mask ? 'toast-cover mask' : 'toast-cover'}>
          <p class="toast" role="status" data-testid="toast">
            {toastIcons[toast.icon] !== undefined && <i aria-hidden="true">{toastIcons[toast.icon]}</i>}
            {toast.title}
          </p>
        </div>
      )}
      {dialog !== undefined && <Question dialog={dialog} />}
    </>
  );
}

function Question({ dialog }: { dialog: Dialog }) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current?.showModal(), []);
  return (
    <dialog
      ref={element}
      class={dialog.kind}
      aria-label={dialog.kind === 'pictures' ? words.close : dialog.title || words.confirm}
      onCancel={(event) => {
        event.preventDefault();
        dialog.answer();
      }}
    >
      {dialog.kind === 'modal' && <Modal dialog={dialog} />}
      {dialog.kind === 'sheet' && <Sheet dialog={dialog} />}
      {dialog.kind === 'pictures' && <Pictures dialog={dialog} />}
    </dialog>
  );
}

function Modal({ dialog }: { dialog: Extract<Dialog, { kind: 'modal' }> }) {
  const [typed, setTyped] = useState(dialog.typed ?? '');
  const { title, content, placeholder, confirm, cancel, answer } = dialog;
  return (
    <form
      method="dialog"
      onSubmit={(event) => {
        event.preventDefault();
        answer(typed);
      }}
    >
      {title !== '' && <h2>{title}</h2>}
      {content !== '' && <p>{content}</p>}
      {dialog.typed !== undefined && (
        <input
          value={typed}
          placeholder={placeholder}
          aria-label={placeholder || title}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      )}
      <footer>
        {cancel !== undefined && (
          <button type="button" class="choice" onClick={() => answer()}>
            {cancel}
          </button>
        )}
        <button type="submit" class="choice confirm">
          {confirm}
        </button>
      </footer>
    </form>
  );
}

function Sheet({ dialog }: { dialog: Extract<Dialog, { kind: 'sheet' }> }) {
  return (
    <>
      {dialog.title !== '' && <h2>{dialog.title}</h2>}
      {dialog.items.map((item, index) => (
        <button type="button" class="choice" key={item} onClick={() => dialog.answer(index)}>
          {item}
        </button>
      ))}
      <button type="button" class="choice" onClick={() => dialog.answer()}>
        {words.cancel}
      </button>
    </>
  );
}

function Pictures({ dialog }: { dialog: Extract<Dialog, { kind: 'pictures' }> }) {
  const [at, setAt] = useState(dialog.current);
  const { urls, answer } = dialog;
  return (
    <>
      <button type="button" class="picture" aria-label={words.close} onClick={answer}>
        <img src={urls[at]} alt="" />
      </button>
      {urls.length > 1 && (
        <footer>
          {urls.map((url, index) => (
            <button
              type="button"
              class="choice"
              key={url}
              aria-current={index === at ? 'true' : undefined}
              onClick={() => setAt(index)}
            >
              {index + 1}
            </button>
          ))}
        </footer>
      )}
    </>
  );
}
