import { useLayoutEffect, useState } from 'preact/hooks';

/** A question to the user that covers the screen. Who puts it aside answers nothing. */
export type Dialog =
  | {
      readonly kind: 'modal';
      readonly title: string;
      readonly content: string;
      /** What stands in its field to begin with; without it there is no field. */
      readonly typed?: string | undefined;
      readonly placeholder?: string;
      readonly confirm: string;
      /** Absent where there is nothing to cancel. */
      readonly cancel?: string | undefined;
      /** With what is typed; empty where there is no field. */
      readonly answer: (typed?: string) => void;
    }
  | {
      readonly kind: 'sheet';
      readonly title: string;
      readonly items: readonly string[];
      readonly answer: (index?: number) => void;
    }
  | {
      readonly kind: 'pictures';
      readonly urls: readonly string[];
      readonly current: number;
      readonly answer: () => void;
    };

/** What stands around the page: the bars, and what covers it. */
export interface Chrome {
  readonly title: string;
  readonly canGoBack: boolean;
  /** Whether the page draws its own bar above. */
  readonly custom: boolean;
  /** The page of the tab that is in front; absent where the page is no tab. */
  readonly tab: string | undefined;
  readonly badges: { readonly [index: number]: string };
  readonly toast: { readonly title: string; readonly icon: string; readonly mask: boolean } | undefined;
  readonly dialog: Dialog | undefined;
}

let shown: Chrome = {
  title: '',
  canGoBack: false,
  custom: false,
  tab: undefined,
  badges: {},
  toast: undefined,
  dialog: undefined,
};

const listeners = new Set<(shown: Chrome) => void>();

export const chrome = {
  get value() {
    return shown;
  },
  set(change: Partial<Chrome>) {
    shown = { ...shown, ...change };
    for (const listener of listeners) listener(shown);
  },
};

/** What stands there now; what uses it is drawn anew with each change. */
export function useChrome(): Chrome {
  const [value, setValue] = useState(shown);
  useLayoutEffect(() => {
    listeners.add(setValue);
    return () => listeners.delete(setValue);
  }, []);
  return value;
}
