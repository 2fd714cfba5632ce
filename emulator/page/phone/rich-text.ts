/** A piece of a text message: plain, or one of the links that WeChat knows. */
export type RichPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string }
  | {
      readonly kind: 'miniprogram';
      readonly text: string;
      readonly appid: string;
      readonly path: string;
    }
  /** Says its content as the user, with the id as `bizmsgmenuid`. */
  | { readonly kind: 'menu'; readonly text: string; readonly content: string; readonly id: string };

const anchor = /<a\s+([^<>]*)>([\s\S]*?)<\/a>/gi;
const attribute = /([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/**
 * Reads a text as WeChat does: `<a>` is a link, all other markup is text. The pieces are data and never become HTML;
 * an address that is neither the web's nor WeChat's own leaves its link plain text.
 */
export function parseRichText(content: string): readonly RichPart[] {
  const parts: RichPart[] = [];
  let end = 0;
  for (const match of content.matchAll(anchor)) {
    const [whole, attributes = '', text = ''] = match;
    const link = readLink(attributes, text);
    if (link === undefined) continue;
    if (match.index > end) parts.push({ kind: 'text', text: content.slice(end, match.index) });
    parts.push(link);
    end = match.index + whole.length;
  }
  if (end < content.length) parts.push({ kind: 'text', text: content.slice(end) });
  return parts;
}

function readLink(attributes: string, text: string): RichPart | undefined {
  const values = new Map<string, string>();
  for (const [, name = '', double, single] of attributes.matchAll(attribute)) {
    values.set(name.toLowerCase(), double ?? single ?? '');
  }
  const path = values.get('data-miniprogram-path');
  if (path !== undefined) {
    return { kind: 'miniprogram', text, path, appid: values.get('data-miniprogram-appid') ?? '' };
  }
  const href = values.get('href') ?? '';
  if (isWebAddress(href)) return { kind: 'link', text, href };
  if (!/^weixin:\/\/bizmsgmenu\?/i.test(href)) return undefined;
  const query = new URLSearchParams(href.slice(href.indexOf('?') + 1));
  return {
    kind: 'menu',
    text,
    content: query.get('msgmenucontent') ?? text,
    id: query.get('msgmenuid') ?? '',
  };
}

/** Tells whether an address may stand in a link or picture: the web's, and no script's. */
export function isWebAddress(address: string): boolean {
  if (!/^https?:\/\//i.test(address)) return false;
  try {
    return ['http:', 'https:'].includes(new URL(address).protocol);
  } catch {
    return false;
  }
}
