import { CurrentWindowBackendContext, type Element as PageElement } from 'glass-easel';

/** What of a browser's element the runtime uses. */
type BackendElement = ReturnType<CurrentWindowBackendContext['document']['createElement']>;

/**
 * The screen that pages are drawn on: this document. Each of WeChat's elements is one of the browser's with a `wx-`
 * before its name, so that a `button` has no look but WeChat's. Styles are set by their rules and not as an attribute,
 * which the page's security policy forbids.
 */
export class Screen extends CurrentWindowBackendContext {
  override document = {
    createElement: (tag: string) => asBackend(createElement(tag)),
    createTextNode: (text: string) => document.createTextNode(text) as unknown as BackendElement,
    createDocumentFragment: () => document.createDocumentFragment() as unknown as BackendElement,
  };

  private readonly longPressed = new WeakSet<object>();

  override setListenerStats(...given: Parameters<CurrentWindowBackendContext['setListenerStats']>): void {
    const [element, type] = given;
    if (type === 'longpress' || type === 'longtap') this.longPressed.add(element);
    // The browser's own `input`, `change`, `scroll` … are not WeChat's: the elements tell of those themselves.
    if (/^(touch|mouse|transition|animation)/.test(type)) super.setListenerStats(...given);
  }

  /** The element at or around a place that a page has a long press on. */
  longPressListenerAt(place: EventTarget | null): PageElement | undefined {
    for (let node = place instanceof Element ? place : null; node !== null; node = node.parentElement)
      if (this.longPressed.has(node)) return (node as { readonly __wxElement?: PageElement }).__wxElement;
    return undefined;
  }

  /** A node of a canvas is the canvas itself, which its element holds. */
  override getContext(element: unknown, give: (node: unknown) => void): void {
    const host = element as unknown as HTMLElement;
    give(host.querySelector('canvas') ?? host);
  }
}

function createElement(tag: string): HTMLElement {
  const element = document.createElement(`wx-${tag}`);
  const setAttribute = element.setAttribute.bind(element);
  element.setAttribute = (name, value) => {
    if (name === 'style') element.style.cssText = inPixels(value);
    else setAttribute(name, value);
  };
  return element;
}

/** 750 rpx are the width of the screen. */
function inPixels(style: string): string {
  return style.replace(/(-?\d*\.?\d+)rpx\b/g, (_all, size: string) => `${Number(size) / 7.5}vw`);
}

function asBackend(element: HTMLElement): BackendElement {
  return element as unknown as BackendElement;
}
