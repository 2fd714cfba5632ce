import { useEffect, useRef } from 'preact/hooks';
import { useText } from './language';
import { strings } from './strings';

interface ConfirmProps {
  readonly title: string;
  readonly children: string;
  /** What the button says that does it. */
  readonly action: string;
  readonly onConfirm: () => void;
  /** Called in either case. */
  readonly onClose: () => void;
}

/** Asks before something is done that cannot be taken back. Escape is no. */
export function Confirm({ title, children, action, onConfirm, onClose }: ConfirmProps) {
  const t = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-label={title}>
      <h2>{title}</h2>
      <p>{children}</p>
      <form method="dialog" class="row">
        <button type="submit">{t(strings.cancel)}</button>
        <button type="submit" class="danger" onClick={onConfirm}>
          {action}
        </button>
      </form>
    </dialog>
  );
}
