/** A page as it was opened: `pages/send/index`, and what stood behind its `?`. */
export interface Opened {
  readonly path: string;
  readonly query: { readonly [name: string]: string };
}

/** The ways to another page. */
export const ways = ['navigateTo', 'redirectTo', 'reLaunch', 'switchTab', 'navigateBack'] as const;
export type Way = (typeof ways)[number];

/** What a way asks for: where to, or how many pages back. */
export type Going = { readonly way: Way; readonly to?: Opened; readonly delta?: number | undefined };

/** Which pages a mini program has, and which of them are tabs. */
export interface Known {
  readonly pages: readonly string[];
  readonly tabs: readonly string[];
}

/** The most pages that may stand on one another. */
export const mostPages = 10;

/** What a step does to the pages: those to be closed, the one to be opened, and the stack after it. */
export interface Step<P extends Opened> {
  readonly stack: readonly (P | Opened)[];
  readonly closed: readonly P[];
}

/**
 * The stack after a way was taken, or why it cannot be, in WeChat's words. `kept` are tabs that were left and stay
 * as they are.
 */
export function go<P extends Opened>(
  stack: readonly P[],
  kept: readonly P[],
  { way, to, delta = 1 }: Going,
  { pages, tabs }: Known,
): Step<P> | { readonly wrong: string } {
  const isTab = (page: Opened) => tabs.includes(page.path);
  if (way === 'navigateBack') {
    if (stack.length < 2) return { wrong: 'cannot navigate back at first page.' };
    const left = Math.max(1, stack.length - Math.max(1, delta));
    return { stack: stack.slice(0, left), closed: stack.slice(left) };
  }
  if (to === undefined || !pages.includes(to.path)) return { wrong: `page "${to?.path ?? ''}" is not found` };
  switch (way) {
    case 'navigateTo':
      if (isTab(to)) return { wrong: 'can not navigateTo a tabbar page' };
      if (stack.length >= mostPages) return { wrong: 'webview count limit exceed' };
      return { stack: [...stack, to], closed: [] };
    case 'redirectTo':
      if (isTab(to)) return { wrong: 'can not redirectTo a tabbar page' };
      return { stack: [...stack.slice(0, -1), to], closed: stack.slice(-1).filter((page) => !isTab(page)) };
    case 'switchTab': {
      if (!isTab(to)) return { wrong: 'can not switch to no-tabBar page' };
      const there = [...stack, ...kept].find(({ path }) => path === to.path);
      return { stack: [there ?? to], closed: stack.filter((page) => !isTab(page)) };
    }
    case 'reLaunch':
      return { stack: [to], closed: [...new Set([...stack, ...kept])] };
  }
}

/** A page's address, read from where it is named: from the root, or beside the page that names it. */
export function readUrl(url: string, from: string): Opened {
  const [address = '', search = ''] = url.split('?');
  const base = address.startsWith('/') ? [] : from.split('/').slice(0, -1);
  const steps: string[] = [];
  for (const step of [...base, ...address.split('/')]) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  const query = search
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [name, value.join('=')] as const;
    });
  return { path: steps.join('/'), query: Object.fromEntries(query) };
}

/** A page's address as text, as {@link readUrl} reads it. */
export function toUrl({ path, query }: Opened): string {
  const search = Object.entries(query).map(([name, value]) => `${name}=${value}`);
  return `/${path}${search.length === 0 ? '' : `?${search.join('&')}`}`;
}
