import type { BuiltIn } from './register';

/** WeChat's icons, as letters. */
const iconLetters: { readonly [type: string]: string } = {
  success: '✓',
  success_no_circle: '✓',
  info: 'i',
  warn: '!',
  waiting: '…',
  cancel: '×',
  clear: '×',
  download: '↓',
  search: '⌕',
};

/** Elements that show something. */
export const textElements = {
  text: {
    properties: { selectable: Boolean, userSelect: Boolean },
    create: ({ host, props }) => {
      return () => {
        const selectable = props['selectable'] === true || props['userSelect'] === true;
        host.style.userSelect = selectable ? 'text' : '';
      };
    },
  },
  icon: {
    properties: { type: String, size: null, color: String },
    create: ({ host, props }) => {
      return () => {
        host.textContent = iconLetters[String(props['type'])] ?? '';
        host.style.fontSize = `${Number.parseFloat(String(props['size'] ?? '')) || 23}px`;
        host.style.color = String(props['color'] ?? '');
      };
    },
  },
  progress: {
    properties: { percent: Number },
    create: ({ host, props }) => {
      const bar = document.createElement('progress');
      bar.max = 100;
      host.append(bar);
      return () => {
        bar.value = Number(props['percent'] ?? 0);
      };
    },
  },
  'rich-text': {
    properties: { nodes: null, userSelect: Boolean },
    create: ({ host, props }) => {
      return () => {
        host.replaceChildren(...toNodes(props['nodes']));
      };
    },
  },
} satisfies { readonly [name: string]: BuiltIn };

/** The elements that could do something, or load what is no picture. */
const forbidden = /^(script|style|iframe|object|embed|link|form)$/i;

/** The texts and pictures of a rich text: of HTML what may stand in one, without what could do something. */
function toNodes(nodes: unknown): Node[] {
  if (Array.isArray(nodes)) return nodes.flatMap(toNode);
  const parsed = new DOMParser().parseFromString(String(nodes ?? ''), 'text/html');
  for (const element of parsed.body.querySelectorAll('*')) {
    if (forbidden.test(element.tagName)) element.remove();
    for (const { name } of [...element.attributes])
      if (!/^(class|style|src|alt|width|height|colspan|rowspan)$/.test(name)) element.removeAttribute(name);
  }
  return [...parsed.body.childNodes];
}

function toNode(node: unknown): Node[] {
  const { type, text, name, attrs, children } = (node ?? {}) as { readonly [field: string]: unknown };
  if (type === 'text') return [document.createTextNode(String(text ?? ''))];
  if (typeof name !== 'string' || forbidden.test(name)) return [];
  const element = document.createElement(name);
  const { style, class: classes, src } = (attrs ?? {}) as { readonly [name: string]: unknown };
  element.style.cssText = String(style ?? '');
  element.className = String(classes ?? '');
  if (element instanceof HTMLImageElement && typeof src === 'string') element.src = src;
  element.append(...toNodes(Array.isArray(children) ? children : []));
  return [element];
}
