import { chrome } from './chrome-state';
import type { Code, DrawnPage } from './code';
import { type Going, go, type Opened, readUrl, toUrl, type Way } from './page-stack';
import type { Described, PartConfig } from './part';

/** A page that is open. */
interface LivePage extends Opened {
  readonly drawn: DrawnPage;
  /** What holds it on the screen, and what of it scrolls. */
  readonly frame: HTMLElement;
  readonly scroller: HTMLElement;
  title: string;
}

/** The pages that are open, the last in front. */
export interface Pages {
  open(way: Way, options: { readonly url?: string; readonly delta?: number }): void;
  /** The pages as `getCurrentPages()` has them. */
  readonly instances: readonly DrawnPage['instance'][];
  /** The addresses of the open pages, to open them again. */
  readonly urls: readonly string[];
  readonly current: LivePage | undefined;
  /** The app goes to the background, or comes to the front again. */
  setShown(shown: boolean): void;
  setTitle(title: string): void;
  resize(): void;
}

/** Opens and closes pages in an element, and tells them of it in WeChat's order. */
export function createPages(
  container: HTMLElement,
  { app, pages, parts }: Described,
  code: Code,
  onChange: () => void,
): Pages {
  const known = { pages, tabs: (app.tabBar?.list ?? []).map(({ pagePath }) => pagePath) };
  const configs = new Map(parts.map(({ path, config }) => [path, { ...app.window, ...config }]));
  let stack: readonly LivePage[] = [];
  /** Tabs that were left: they stay as they are. */
  let kept: readonly LivePage[] = [];
  let shown = true;

  const configOf = (path: string): PartConfig => configs.get(path) ?? {};

  const openPage = (to: Opened): LivePage => {
    const frame = document.createElement('section');
    frame.className = 'page';
    frame.dataset['page'] = to.path;
    const scroller = document.createElement('div');
    scroller.className = 'scroller';
    scroller.tabIndex = -1;
    const place = document.createElement('div');
    scroller.append(place);
    frame.append(scroller);
    container.append(frame);
    const drawn = code.draw(to.path, toUrl(to).slice(to.path.length + 1), place);
    const page = { ...to, drawn, frame, scroller, title: configOf(to.path).navigationBarTitleText ?? '' };
    Object.assign(drawn.instance, { route: to.path, options: to.query });
    listenToScroll(page, configOf(to.path));
    tell(page, 'onLoad', to.query);
    return page;
  };

  const close = (page: LivePage) => {
    tell(page, 'onUnload');
    page.drawn.remove();
    page.frame.remove();
  };

  const show = (page: LivePage, isNew: boolean) => {
    page.frame.hidden = false;
    if (shown) {
      tell(page, 'onShow');
      page.drawn.tell('show');
    }
    if (isNew) tell(page, 'onReady');
    drawBars();
  };

  const hide = (page: LivePage) => {
    page.frame.hidden = true;
    if (!shown) return;
    tell(page, 'onHide');
    page.drawn.tell('hide');
  };

  const drawBars = () => {
    const page = stack.at(-1);
    if (page === undefined) return;
    chrome.set({
      title: page.title,
      canGoBack: stack.length > 1,
      custom: configOf(page.path).navigationStyle === 'custom',
      tab: known.tabs.includes(page.path) ? page.path : undefined,
    });
  };

  const take = (going: Going) => {
    const step = go(stack, kept, going, known);
    if ('wrong' in step) throw new Error(step.wrong);
    const before = stack.at(-1);
    const tabs = [...stack, ...kept].filter(({ path }) => known.tabs.includes(path));
    if (before !== undefined && !step.closed.includes(before) && step.stack.at(-1) !== before) hide(before);
    for (const page of step.closed.toReversed()) close(page);
    let isNew = false;
    stack = step.stack.map((page) => {
      if ('drawn' in page) return page;
      isNew = true;
      return openPage(page);
    });
    kept = [...new Set(tabs)].filter((tab) => !stack.includes(tab) && !step.closed.includes(tab));
    const after = stack.at(-1);
    if (after !== undefined && after !== before) show(after, isNew);
    onChange();
  };

  return {
    open: (way, { url = '', delta }) => take({ way, to: readUrl(url, stack.at(-1)?.path ?? ''), delta }),
    get instances() {
      return stack.map(({ drawn }) => drawn.instance);
    },
    get urls() {
      return stack.map(toUrl);
    },
    get current() {
      return stack.at(-1);
    },
    setShown(now) {
      const page = stack.at(-1);
      if (now === shown) return;
      shown = now;
      if (page === undefined) return;
      tell(page, now ? 'onShow' : 'onHide');
      page.drawn.tell(now ? 'show' : 'hide');
    },
    setTitle(title) {
      const page = stack.at(-1);
      if (page !== undefined) page.title = title;
      drawBars();
    },
    resize() {
      const page = stack.at(-1);
      if (page === undefined) return;
      const { clientWidth: windowWidth, clientHeight: windowHeight } = container;
      tell(page, 'onResize', { size: { windowWidth, windowHeight } });
      page.drawn.tell('resize');
    },
  };
}

/** Calls a function of a page where it has one. What it throws is seen, and stops nothing else. */
function tell({ drawn: { instance } }: LivePage, name: string, ...args: readonly unknown[]): void {
  const { [name]: method } = instance;
  if (typeof method !== 'function') return;
  try {
    const result: unknown = method.apply(instance, args);
    if (result instanceof Promise) result.catch(reportError);
  } catch (error) {
    reportError(error);
  }
}

/** How near the end counts as there, in pixels, where the page does not say. */
const usualDistance = 50;

function listenToScroll(page: LivePage, { onReachBottomDistance = usualDistance }: PartConfig): void {
  const { scroller } = page;
  let reached = false;
  scroller.addEventListener('scroll', () => {
    const { scrollTop, scrollHeight, clientHeight } = scroller;
    tell(page, 'onPageScroll', { scrollTop });
    const isThere = scrollHeight - clientHeight - scrollTop <= onReachBottomDistance;
    if (isThere && !reached) tell(page, 'onReachBottom');
    reached = isThere;
  });
}
