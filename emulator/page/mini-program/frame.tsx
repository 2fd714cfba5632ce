import { addGlobalWarningListener, globalOptions } from 'glass-easel';
import { render } from 'preact';
import { Bar, Covers, Tabs } from './bars';
import { createCode, type Templates } from './code';
import { createPages, type Pages } from './pages';
import type { Definition, Described, Modules } from './part';
import { openid, phone } from './phone';
import { language, words } from './words';
import { showToast } from './wx/questions';
import { createWx } from './wx/wx';

/** Where the open pages of a phone are kept, so that a reload shows them again. */
const stackKey = `phone.stack/${openid}`;

/** Starts a compiled mini program: called by its script, once. */
function startMiniProgram(described: Described, modules: Modules, templates: Templates): void {
  const [bar, container, tabs, covers] = ['bar', 'pages', 'tabs', 'covers'].map((id) =>
    document.getElementById(id),
  );
  if (!bar || !container || !tabs || !covers) return;
  // A template may name what an element has not; the phone passes over it as WeChat's does.
  addGlobalWarningListener(() => false);
  globalOptions.writeIdToDOM = true;
  document.documentElement.lang = language;
  document.documentElement.classList.toggle('v2', described.app.style === 'v2');
  let pages: Pages | undefined;
  let app: Definition = {};
  const wx = createWx(() => pages);
  Object.assign(globalThis, {
    wx,
    App: (definition: Definition) => {
      app = definition;
    },
    getApp: () => app,
    getCurrentPages: () => pages?.instances ?? [],
  });
  const tell = (lifetime: string) => {
    const { [lifetime]: method } = app;
    if (typeof method === 'function') method.call(app, { path: '', query: {}, scene: 1001 });
  };

  Object.assign(phone, {
    open: (way: string, options: object) => {
      const { [way]: go } = wx as { readonly [name: string]: unknown };
      return typeof go === 'function' ? go(options) : Promise.reject(new Error(`no such way: ${way}`));
    },
    contact(sessionFrom: string) {
      void fetch(`/_emulator/users/${encodeURIComponent(openid)}/act`, {
        method: 'POST',
        body: JSON.stringify({ act: 'enter', SessionFrom: sessionFrom }),
      });
      if (parent !== window) parent.postMessage({ phone: 'contact', openid }, location.origin);
      showToast(words.opened);
    },
    complain(error: unknown) {
      const { errMsg } = (error ?? {}) as { readonly errMsg?: string };
      showToast(errMsg ?? String(error));
    },
  } satisfies typeof phone);

  modules['app']?.();
  tell('onLaunch');
  tell('onShow');
  pages = createPages(container, described, createCode(described, modules, templates), () => {
    localStorage.setItem(stackKey, JSON.stringify(pages?.urls ?? []));
  });
  render(<Bar />, bar);
  render(<Tabs tabBar={described.app.tabBar} />, tabs);
  render(<Covers />, covers);
  new ResizeObserver(() => {
    document.documentElement.style.setProperty('--page-height', `${container.clientHeight}px`);
  }).observe(container);
  addEventListener('resize', () => pages?.resize());
  document.addEventListener('visibilitychange', () => {
    pages?.setShown(!document.hidden);
    tell(document.hidden ? 'onHide' : 'onShow');
  });
  openAgain(pages, described);
}

/** Opens the pages that were open; the first of the mini program where there are none, or no such any more. */
function openAgain(pages: Pages, { pages: [first = ''] }: Described): void {
  const stored: unknown = JSON.parse(localStorage.getItem(stackKey) ?? '[]');
  const asked = new URLSearchParams(location.search).get('path');
  const urls = asked === null ? (Array.isArray(stored) ? stored.map(String) : []) : [asked];
  try {
    for (const [index, url] of urls.entries()) pages.open(index === 0 ? 'reLaunch' : 'navigateTo', { url });
  } catch {
    // The mini program has changed, and has no such page.
  }
  if (pages.current === undefined) pages.open('reLaunch', { url: `/${first}` });
}

Object.assign(globalThis, { startMiniProgram });
