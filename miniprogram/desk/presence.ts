import { desk } from './desk';

/** Whether a page is on the screen: shown twice is shown once, and a page that is closed while it is shown is not hidden first. */
export function createPresence() {
  let isShown = false;
  return {
    show() {
      if (isShown) return;
      isShown = true;
      desk.show();
    },
    hide() {
      if (!isShown) return;
      isShown = false;
      desk.hide();
    },
  };
}
