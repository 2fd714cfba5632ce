import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type CssNode, clone, generate, parse, walk } from 'css-tree';

/** Whose style sheet it is: what its classes, and where it has one its page, are told apart by. */
export type Scope =
  | { readonly kind: 'app' }
  | { readonly kind: 'page'; readonly path: string }
  | { readonly kind: 'component'; readonly name: string };

/** A part's style sheet, with what it imports. Empty where it has none. */
export function readStyles(root: string, file: string, seen: Set<string> = new Set()): string {
  const name = path.join(root, `${file}.wxss`);
  if (seen.has(name) || !existsSync(name)) return '';
  seen.add(name);
  const text = readFileSync(name, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  return text.replace(/@import\s+(?:url\()?["']([^"']+)["']\)?\s*;/g, (_all, imported: string) => {
    const named = path.posix.resolve('/', path.posix.dirname(file), imported);
    return readStyles(root, named.slice(1).replace(/\.wxss$/, ''), seen);
  });
}

/**
 * WXSS as the browser takes it. 750 rpx are the width of the screen, `vh` is the page's height without the bars above
 * and below it, WeChat's elements are the browser's with a `wx-` before, a component's classes have its name before.
 */
export function toCss(wxss: string, scope: Scope): string {
  const sheet = parse(wxss, { parseCustomProperty: true });
  walk(sheet, (node, item, list) => {
    const replace = (text: string) => list?.replace(item, list.createItem(selectorPart(text)));
    if (node.type === 'Dimension' && /^(rpx|vh)$/.test(node.unit))
      Object.assign(node, { type: 'Raw', value: toLengths(node.value + node.unit) });
    else if (node.type === 'Raw') node.value = toLengths(node.value);
    else if (node.type === 'TypeSelector' && node.name !== '*') node.name = tagOf(node.name);
    else if (node.type === 'ClassSelector' && scope.kind === 'component')
      node.name = `${scope.name}--${node.name}`;
    // Ids get a page's name before them when they are drawn.
    else if (node.type === 'IdSelector') replace(`[id$="--${node.name}"]`);
    else if (node.type === 'PseudoClassSelector' && node.name === 'host' && scope.kind === 'component')
      replace(`[wx-host="${scope.name}"]`);
  });
  if (scope.kind === 'page') putUnder(sheet, scope.path);
  return generate(sheet);
}

/** WeChat's lengths as the browser's. */
function toLengths(text: string): string {
  return text
    .replace(/(-?\d*\.?\d+)rpx\b/g, (_all, size: string) => `${Number(size) / 7.5}vw`)
    .replace(/(-?\d*\.?\d+)vh\b/g, (_all, size: string) => `calc(var(--page-height)*${Number(size) / 100})`);
}

/** `page` is the element that holds a page. */
function tagOf(name: string): string {
  return /^(from|to)$/.test(name) ? name : `wx-${name}`;
}

function selectorPart(text: string): CssNode {
  const selector = parse(text, { context: 'selector' });
  const first = selector.type === 'Selector' ? selector.children.first : null;
  if (first === null) throw new Error(`no selector: ${text}`);
  return first;
}

/** A page's rules count on that page only; they weigh as much as they did. */
function putUnder(sheet: CssNode, page: string): void {
  const place = parse(`:where([data-page="${page}"]) a`, { context: 'selector' });
  walk(sheet, {
    visit: 'Rule',
    enter(rule) {
      if (this.atrule !== null && /keyframes$/.test(this.atrule.name)) return;
      if (rule.prelude.type !== 'SelectorList') return;
      for (const selector of rule.prelude.children.toArray()) {
        const before = clone(place);
        if (selector.type !== 'Selector' || before.type !== 'Selector') continue;
        before.children.pop();
        selector.children.prependList(before.children);
      }
    },
  });
}
