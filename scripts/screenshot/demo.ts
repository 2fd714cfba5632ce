import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { createEmulator, defaultOpenid } from '../../emulator/emulator';
import { type MiniProgram, openMiniProgram, type ScreenNode } from '../../emulator/phone/mini-program';
import { samplePng } from '../../emulator/wechat/samples';
import type { Built } from './built';

/**
 * The picture of the demo mini program. Its built pages run on WeChat's own template compiler and component runtime,
 * their calls go to the built functions in the local WeChat, and what then stands on the screen is drawn by a browser:
 * with the demo's own styles, and the few of WeChat's that matter.
 */

const customer = 'oCustomer0000000000000000001';

/** The pages of the picture, each with what happens on it. */
const stories: readonly {
  readonly page: string;
  readonly query?: { readonly [name: string]: string };
  readonly tell: (opened: Awaited<ReturnType<MiniProgram['open']>>) => Promise<void>;
}[] = [
  {
    page: 'pages/contact/index',
    // The push of what the user wrote may still be on its way.
    tell: (opened) =>
      opened.until(async () => {
        await opened.tap('#refresh');
        return opened.text('#window').includes('条');
      }),
  },
  {
    page: 'pages/send/index',
    async tell(opened) {
      await opened.tap('#send');
      await opened.until(() => opened.has('#outcome'));
    },
  },
  {
    page: 'pages/conversation/index',
    query: { openid: customer },
    async tell(opened) {
      await opened.input('#draft', '在的，您的包裹今天下午送到。');
      await opened.tap('#send');
      await opened.until(() => opened.text().includes('已发送'));
      await opened.tap('#picture');
      await opened.until(
        () => opened.text().split('已发送').length === 3 && opened.text('#window').includes('2 条'),
      );
    },
  },
];

/** Draws the demo into a folder; answers the file. */
export async function drawDemo(
  browser: Browser,
  folder: string,
  { functions, client: root }: Built,
): Promise<readonly string[]> {
  const emulator = await createEmulator({ functions, variables: { KEFU_OPERATORS: defaultOpenid } });
  try {
    for (const openid of [defaultOpenid, customer]) {
      await fetch(`${emulator.url}/_emulator/users/${openid}/say?account=miniprogram`, {
        method: 'POST',
        body: JSON.stringify({ MsgType: 'text', Content: '在吗？' }),
      });
    }
    const picture = `data:image/png;base64,${samplePng.toString('base64')}`;
    const demo = openMiniProgram({ emulator, root, chooses: () => picture });
    const { tabBar } = JSON.parse(await readFile(path.join(root, 'app.json'), 'utf8')) as AppJson;
    const phones: string[] = [];
    for (const { page, query, tell } of stories) {
      const opened = await demo.open(page, query);
      await tell(opened);
      const { navigationBarTitleText: title } = JSON.parse(
        await readFile(path.join(root, `${page}.json`), 'utf8'),
      ) as { navigationBarTitleText: string };
      phones.push(phone(title, draw(opened.screen()), page, tabBar));
      opened.close();
    }
    const styles = toCss(await readFile(path.join(root, 'app.wxss'), 'utf8'));
    const page = await browser.newPage({
      viewport: { width: 1080, height: 640 },
      locale: 'zh-CN',
      deviceScaleFactor: 1.5,
    });
    await page.setContent(
      `<style>${weChatStyles}${styles}${frameStyles}</style><main>${phones.join('')}</main>`,
      { waitUntil: 'load' },
    );
    const file = path.join(folder, 'demo.png');
    await page.locator('main').screenshot({ path: file });
    await page.close();
    return [file];
  } finally {
    await emulator.close();
  }
}

interface AppJson {
  readonly tabBar: { readonly list: readonly { readonly pagePath: string; readonly text: string }[] };
}

/** A phone with a page in it; the bar with the tabs where the page is one of them. */
function phone(title: string, content: string, page: string, { list }: AppJson['tabBar']): string {
  const tabs = list.map(
    ({ pagePath, text }) => `<span class="${pagePath === page ? 'here' : ''}">${toHtml(text)}</span>`,
  );
  const bar = list.some(({ pagePath }) => pagePath === page) ? `<footer>${tabs.join('')}</footer>` : '';
  return `<article><header>${toHtml(title)}</header><div class="screen">${content}</div>${bar}</article>`;
}

/** The element of a browser that stands for one of a template. */
const tags: { readonly [tagName: string]: string } = { button: 'button', image: 'img', text: 'span' };

function draw(node: ScreenNode): string {
  if (typeof node === 'string') return toHtml(node);
  const given = Object.fromEntries(node.attrs.map(({ name, value }) => [name, value]));
  const { class: names = '', src, size, value, placeholder } = given as { readonly [name: string]: string };
  const tag = tags[node.tagName] ?? 'div';
  const classes = toHtml(`${names} ${node.tagName} ${size === undefined ? '' : 'mini'}`.trim());
  if (tag === 'img') return `<img class="${classes}" src="${toHtml(src ?? '')}">`;
  const written = value === undefined || value === '' ? `<i>${toHtml(placeholder ?? '')}</i>` : toHtml(value);
  const inner = /input|textarea/.test(node.tagName) ? written : node.children.map(draw).join('');
  return `<${tag} class="${classes}">${inner}</${tag}>`;
}

function toHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

const phoneWidth = 320;

/** WXSS for a browser: 750 rpx are the width of the phone, and `page` is the screen. */
function toCss(wxss: string): string {
  return wxss
    .replace(/(\d+)rpx/g, (_all, size: string) => `${(Number(size) * phoneWidth) / 750}px`)
    .replace(/^page\b/gm, '.screen');
}

/** What WeChat itself gives a page of the style v2, as far as the demo shows it. */
const weChatStyles = `
  * { box-sizing: border-box; }
  i { color: #9aa0a5; font-style: normal; }
  button { display: block; width: 184px; margin: 0 auto; padding: 8px 24px; border: 0; border-radius: 4px;
    background: #f2f2f2; color: #06ae56; font: 500 15px/1.5 sans-serif; }
  button.mini { display: inline-block; width: auto; margin: 0; padding: 4px 10px; font-size: 12px; }
  .textarea { white-space: pre-wrap; }`;

const frameStyles = `
  body { margin: 0; font-family: -apple-system, "Noto Sans CJK SC", sans-serif; }
  main { display: flex; gap: 24px; width: 1080px; padding: 24px 36px; background: #e9ecef; }
  article { display: flex; flex: none; flex-direction: column; width: ${phoneWidth}px; height: 560px; overflow: hidden;
    border: 5px solid #1a1d1f; border-radius: 26px; background: #f4f5f6; }
  header { padding: 12px; background: #fff; font-size: 15px; font-weight: 600; text-align: center; }
  .screen { flex: 1; min-height: 0; }
  footer { display: flex; padding: 9px 0 11px; border-top: 1px solid #e3e6e8; background: #fff; color: #6b7177;
    font-size: 12px; text-align: center; }
  footer span { flex: 1; }
  footer .here { color: #06ae56; }`;
