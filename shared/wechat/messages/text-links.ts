/**
 * Links in a text that open a mini program: `<a href="…" data-miniprogram-appid="…" data-miniprogram-path="…">…</a>`.
 *
 * Source: the page of customerServiceMessage.send: where a mini program sends it, the appid must be that mini program's.
 */

const miniProgramLink = /<a\s[^>]*?\bdata-miniprogram-appid\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi;

/** The first appid in a text's links that is another than this; `undefined` where all are this one. */
export function foreignAppid(text: string, own: string): string | undefined {
  for (const [, double, single, bare] of text.matchAll(miniProgramLink)) {
    const appid = (double ?? single ?? bare ?? '').trim();
    if (appid !== own) return appid;
  }
  return undefined;
}
