import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Going,
  go,
  mostPages,
  type Opened,
  readUrl,
  toUrl,
  type Way,
} from '../../../emulator/page/mini-program/page-stack';
import { depth } from '../../depth';

/** The pages that are open on the second phone, by WeChat's rules. */

const known = { pages: ['tabs/a', 'tabs/b', 'pages/c', 'pages/d'], tabs: ['tabs/a', 'tabs/b'] };
const page = (path: string): Opened => ({ path, query: {} });

function stackAfter(stack: readonly Opened[], going: Going, kept: readonly Opened[] = []) {
  const step = go(stack, kept, going, known);
  return 'wrong' in step ? step.wrong : step.stack.map(({ path }) => path);
}

describe('a way to another page', () => {
  const [a, c, d] = [page('tabs/a'), page('pages/c'), page('pages/d')];

  test('puts one on the others, or in the place of the last, or of all', () => {
    expect(stackAfter([a], { way: 'navigateTo', to: c })).toEqual(['tabs/a', 'pages/c']);
    expect(stackAfter([a, c], { way: 'redirectTo', to: d })).toEqual(['tabs/a', 'pages/d']);
    expect(stackAfter([a, c], { way: 'reLaunch', to: d })).toEqual(['pages/d']);
    expect(stackAfter([a, c], { way: 'switchTab', to: page('tabs/b') })).toEqual(['tabs/b']);
    expect(stackAfter([a, c, d], { way: 'navigateBack', delta: 2 })).toEqual(['tabs/a']);
    expect(stackAfter([a, c], { way: 'navigateBack', delta: 99 })).toEqual(['tabs/a']);
  });

  test('is refused in WeChat’s words where WeChat refuses it', () => {
    expect(stackAfter([a], { way: 'navigateTo', to: page('tabs/b') })).toBe(
      'can not navigateTo a tabbar page',
    );
    expect(stackAfter([a], { way: 'redirectTo', to: page('tabs/b') })).toBe(
      'can not redirectTo a tabbar page',
    );
    expect(stackAfter([a], { way: 'switchTab', to: c })).toBe('can not switch to no-tabBar page');
    expect(stackAfter([a], { way: 'navigateTo', to: page('gone') })).toBe('page "gone" is not found');
    expect(stackAfter([a], { way: 'navigateBack' })).toBe('cannot navigate back at first page.');
    const full = [a, ...Array.from({ length: mostPages - 1 }, () => c)];
    expect(stackAfter(full, { way: 'navigateTo', to: d })).toBe('webview count limit exceed');
  });

  test('keeps a tab that was left as it was', () => {
    const left = { ...page('tabs/b'), query: { seen: '1' } };
    expect(go([a], [left], { way: 'switchTab', to: page('tabs/b') }, known)).toEqual({
      stack: [left],
      closed: [],
    });
  });
});

test('for every story of ways there is a page in front, never too many, and none is lost or closed twice', () => {
  const ways: readonly Way[] = ['navigateTo', 'redirectTo', 'reLaunch', 'switchTab', 'navigateBack'];
  const step = fc.record({
    way: fc.constantFrom(...ways),
    path: fc.constantFrom(...known.pages),
    delta: fc.integer({ min: 0, max: 4 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let stack: readonly Opened[] = [page('tabs/a')];
      let kept: readonly Opened[] = [];
      const closed = new Set<Opened>();
      for (const { way, path, delta } of steps) {
        const done = go(stack, kept, { way, to: page(path), delta }, known);
        if ('wrong' in done) continue;
        for (const each of done.closed) {
          expect(closed.has(each)).toBe(false);
          closed.add(each);
        }
        const open = [...stack, ...kept];
        kept = [...new Set(open)].filter(
          (each) => known.tabs.includes(each.path) && !done.stack.includes(each) && !closed.has(each),
        );
        stack = done.stack;
        for (const each of open) expect([...stack, ...kept, ...closed]).toContain(each);
        expect(stack.length).toBeGreaterThan(0);
        expect(stack.length).toBeLessThanOrEqual(mostPages);
        expect(new Set([...stack, ...kept].filter(({ path: at }) => known.tabs.includes(at))).size).toBe(
          new Set([...stack, ...kept].map(({ path: at }) => at).filter((at) => known.tabs.includes(at))).size,
        );
      }
    }),
    { numRuns: depth(5000) },
  );
});

test('for every page and query, an address is read as it was written', () => {
  const name = fc.stringMatching(/^[a-z]{1,8}$/);
  const opened = fc.record({
    path: fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
    query: fc.dictionary(name, fc.string().map(encodeURIComponent)),
  });
  fc.assert(
    fc.property(opened, (value) => {
      expect(readUrl(toUrl(value), 'pages/elsewhere/index')).toEqual(value);
    }),
    { numRuns: depth(5000) },
  );
  expect(readUrl('../b/index?x=1', 'pages/a/index')).toEqual({ path: 'pages/b/index', query: { x: '1' } });
  expect(readUrl('c', 'pages/a/index').path).toBe('pages/a/c');
});
