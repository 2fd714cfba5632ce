import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import vm from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readAppFiles } from '../../../emulator/phone/compile/app-files';
import { compileMiniProgram } from '../../../emulator/phone/compile/compile';
import { toCss } from '../../../emulator/phone/compile/styles';
import { clientRoot } from '../../../scripts/build-client';

/** What the second phone is given of a mini program. */

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'mini-program-'));
});
afterEach(() => rm(root, { recursive: true }));

async function write(files: { readonly [name: string]: string }): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.join(root, path.dirname(name)), { recursive: true });
    await writeFile(path.join(root, name), content);
  }
}

describe('WXSS', () => {
  const css = (wxss: string) => toCss(wxss, { kind: 'app' });

  test('measures in the width of the phone, and in the page’s height between the bars', () => {
    expect(css('.a{width:750rpx;margin:-7.5rpx 0 calc(75rpx + 1px);height:50vh}')).toBe(
      '.a{width:100vw;margin:-1vw 0 calc(10vw + 1px);height:calc(var(--page-height)*0.5)}',
    );
    expect(css('page{--gap:15rpx}')).toContain('--gap:2vw');
    expect(css('@media (min-width: 600px){.a{width:75rpx}}')).toBe(
      '@media (min-width:600px){.a{width:10vw}}',
    );
  });

  test('means WeChat’s elements, and no element of the browser', () => {
    expect(css('page view>button.primary::after,*{top:0}')).toBe(
      'wx-page wx-view>wx-button.primary::after,*{top:0}',
    );
    expect(css('@keyframes a{from{top:0}to{top:1px}}')).toBe('@keyframes a{from{top:0}to{top:1px}}');
    expect(css('#send .a{top:0}')).toBe('[id$="--send"] .a{top:0}');
  });

  test('of a page counts on that page only, and weighs what it weighed', () => {
    expect(toCss('.a,view .b{top:0}@media print{.c{top:0}}', { kind: 'page', path: 'pages/x' })).toBe(
      ':where([data-page="pages/x"]) .a,:where([data-page="pages/x"]) wx-view .b{top:0}' +
        '@media print{:where([data-page="pages/x"]) .c{top:0}}',
    );
  });

  test('of a component counts in that component only', () => {
    expect(toCss(':host{top:0}.a:not(.b){top:0}', { kind: 'component', name: 'c7' })).toBe(
      '[wx-host="c7"]{top:0}.c7--a:not(.c7--b){top:0}',
    );
  });
});

describe('a mini program', () => {
  test('is read with its subpackages, its components and theirs, and its npm', async () => {
    await write({
      'app.json': JSON.stringify({
        pages: ['pages/a'],
        subPackages: [{ root: 'desk', pages: ['list/list'] }],
        usingComponents: { every: '/parts/every' },
      }),
      'parts/every.json': '{"component":true}',
      'desk/list/list.json': JSON.stringify({
        usingComponents: { row: '../row/index', badge: 'ui/badge/badge', gone: 'plugin://none/x' },
      }),
      'desk/row/index.json': '{"component":true,"usingComponents":{"dot":"./dot"}}',
      'desk/row/dot.json': '{"component":true}',
      'desk/miniprogram_npm/ui/badge/badge.json': '{"component":true}',
    });
    const { pages, parts } = readAppFiles(root);
    expect(pages).toEqual(['pages/a', 'desk/list/list']);
    expect(parts.map((part) => part.path)).toEqual([
      'pages/a',
      'parts/every',
      'desk/list/list',
      'desk/row/index',
      'desk/row/dot',
      'desk/miniprogram_npm/ui/badge/badge',
    ]);
    expect(parts[2]?.config.usingComponents).toEqual({
      every: '/parts/every',
      row: '/desk/row/index',
      badge: '/desk/miniprogram_npm/ui/badge/badge',
    });
  });

  test('runs each script once, when it is asked for, and finds what a script requires', async () => {
    await write({
      'app.json': '{"pages":["pages/a"]}',
      'app.js': 'ran.push("app")',
      'pages/a.js': 'ran.push(require("../kit").name, require("lib"), require("../kit").name)',
      'kit/index.js': 'ran.push("kit"); exports.name = "kit’s"',
      'miniprogram_npm/lib/index.js': 'module.exports = "lib’s"',
      'pages/a.wxml':
        '<wxs src="./words.wxs" module="words"/><import src="./parts.wxml"/><template is="x"/>{{words.is([])}}',
      'pages/words.wxs':
        'var other = require("./other.wxs"); module.exports = { is: function (v) { return other.name(v) === "Array" } }',
      'pages/other.wxs': 'module.exports = { name: function (v) { return v.constructor } }',
      'pages/parts.wxml': '<template name="x"><text>x</text></template>',
    });
    const { script } = await compileMiniProgram(root);
    const ran: unknown[] = [];
    vm.runInNewContext(`${script}`, {
      ran,
      startMiniProgram: (described: object, modules: { [path: string]: () => void }, templates: object) => {
        expect(ran).toEqual([]);
        modules['pages/a']?.();
        modules['pages/a']?.();
        modules['app']?.();
        expect(described).toMatchObject({ pages: ['pages/a'] });
        expect(Object.keys(templates).sort()).toEqual(['pages/a', 'pages/parts']);
      },
    });
    expect(ran).toEqual(['kit', 'kit’s', 'lib’s', 'kit’s', 'app']);
  });

  test('that requires what is not there says which file does', async () => {
    await write({ 'app.json': '{"pages":["a"]}', 'a.js': 'require("./gone")' });
    await expect(compileMiniProgram(root)).rejects.toThrow('a.js requires ./gone');
  });

  test('as this repository has it is compiled whole, with no unit and no element left as WeChat writes it', async () => {
    const { script, styles } = await compileMiniProgram(clientRoot);
    expect(script).toContain('startMiniProgram(');
    expect(styles).not.toMatch(/\drpx|(^|[},\s])(view|page|button)\b/);
  });
});
