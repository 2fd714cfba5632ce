import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import { defaultOpenid, type Emulator } from '../emulator';
import { samplePng } from '../wechat/samples';
import { bareContext } from './bare-context';

/**
 * Runs a built mini program without WeChat DevTools: its JavaScript in a context that has nothing but the language of
 * 2017, its pages through WeChat's own template compiler (wcc) and component runtime (exparser) on jsdom, and
 * `wx.cloud` on the local WeChat.
 */

/** These packages are CommonJS and look for a browser's globals when they are loaded, so they are loaded late. */
const loadPackage = createRequire(path.resolve('package.json'));

/** What stands on the screen: texts, and elements with what their template gave them. */
export type ScreenNode =
  | string
  | {
      readonly tagName: string;
      readonly attrs: readonly { readonly name: string; readonly value: unknown }[];
      readonly children: readonly ScreenNode[];
    };

/** A node of a page, as j-component shows it. */
interface PageNode {
  readonly dom: { readonly textContent: string };
  readonly data: { readonly [field: string]: unknown };
  readonly instance: { [field: string]: unknown };
  querySelector(selector: string): PageNode | undefined;
  querySelectorAll(selector: string): PageNode[];
  dispatchEvent(name: string, options?: object): void;
  toJSON(): Exclude<ScreenNode, string>;
  attach(parent: unknown): void;
  detach(): void;
}

interface PageRuntime {
  register(definition: object): string;
  create(id: string): PageNode;
}

/** Opens a page as WeChat does. */
export interface OpenPage {
  /** What the page's script has set. */
  readonly data: { readonly [field: string]: unknown };
  /** What stands on the screen, in the part that a selector names. */
  text(selector?: string): string;
  /** The attributes of the node that a selector names, in camelCase. */
  attributes(selector: string): { readonly [name: string]: unknown };
  has(selector: string): boolean;
  screen(): ScreenNode;
  tap(selector: string, index?: number): Promise<void>;
  input(selector: string, value: string, index?: number): Promise<void>;
  event(selector: string, name: string, detail?: object): Promise<void>;
  /** Calls a handler of the page, such as `onShow`, and waits for it. */
  run(handler: string, ...args: readonly unknown[]): Promise<void>;
  /** Waits until something holds; 10 s at most. */
  until(holds: () => boolean | Promise<boolean>): Promise<void>;
  close(): void;
}

export interface MiniProgram {
  open(page: string, query?: { readonly [name: string]: string }): Promise<OpenPage>;
  /** Every page that app.json lists. */
  readonly pages: readonly string[];
  /** Where the pages wanted to go. */
  readonly navigations: readonly string[];
  /** What the phone's storage holds. */
  readonly storage: Map<string, unknown>;
  /** Loads a module, such as `kefu-client`, as a page does. */
  require(module: string): unknown;
  close(): void;
}

export interface MiniProgramOptions {
  readonly emulator: Emulator;
  readonly root: string;
  readonly openid?: string;
  /** What `wx.chooseMedia` comes to: the path of a picture, or nothing where the user closes it. */
  readonly chooses?: () => string | undefined;
}

/** The callers of `wx.cloud.callFunction` get failures in this form. */
export async function callAsWeChat(emulator: Emulator, name: string, data: unknown, openid: string) {
  const invoked = await emulator.call({
    name,
    data: JSON.parse(JSON.stringify(data)),
    source: 'wx_client',
    openid,
  });
  if (invoked.ok)
    return { errMsg: 'cloud.callFunction:ok', result: invoked.result, requestID: invoked.requestID };
  const { errCode, errMsg } = invoked;
  throw Object.assign(new Error(`cloud.callFunction:fail Error: errCode: ${errCode} | errMsg: ${errMsg}`), {
    errCode,
    errMsg: `cloud.callFunction:fail Error: errCode: ${errCode} | errMsg: ${errMsg}`,
  });
}

export function openMiniProgram(options: MiniProgramOptions): MiniProgram {
  const { emulator, root, openid = defaultOpenid, chooses = () => '/tmp/picture.png' } = options;
  const dom = openDom();
  const runtime = loadPackage('j-component') as PageRuntime;
  const templates = compileTemplates(root);
  const navigations: string[] = [];
  const storage = new Map<string, unknown>();
  let ready = false;

  const wx = {
    cloud: {
      init: () => {
        ready = true;
      },
      async callFunction({ name, data }: { name: string; data: unknown }) {
        if (!ready) throw new Error("Cloud API isn't enabled, please call wx.cloud.init first");
        return callAsWeChat(emulator, name, data, openid);
      },
      async uploadFile({ cloudPath }: { cloudPath: string; filePath: string }) {
        return { errMsg: 'cloud.uploadFile:ok', fileID: emulator.storage.put(cloudPath, samplePng).fileID };
      },
    },
    async chooseMedia() {
      const tempFilePath = chooses();
      if (tempFilePath === undefined) throw { errMsg: 'chooseMedia:fail cancel' };
      return { errMsg: 'chooseMedia:ok', tempFiles: [{ tempFilePath }] };
    },
    getStorageSync: (key: string) => storage.get(key) ?? '',
    setStorageSync: (key: string, value: unknown) => void storage.set(key, JSON.parse(JSON.stringify(value))),
    navigateTo: ({ url }: { url: string }) => void navigations.push(url),
    showToast: () => undefined,
  };

  const context = bareContext({ wx, console, setTimeout, clearTimeout });
  const modules = new Map<string, { exports: unknown }>();
  let defined: { [name: string]: unknown } | undefined;
  const define = (definition: { [name: string]: unknown }) => {
    defined = definition;
  };
  const load = (file: string): unknown => {
    const known = modules.get(file);
    if (known !== undefined) return known.exports;
    const module = { exports: {} as unknown };
    modules.set(file, module);
    const run = vm.runInContext(
      `(function (module, exports, require, Page, App) {${readFileSync(path.join(root, file), 'utf8')}\n})`,
      context,
      { filename: path.join(root, file) },
    ) as (...args: unknown[]) => void;
    run(
      module,
      module.exports,
      (name: string) => load(`${path.posix.join(path.posix.dirname(file), name)}.js`),
      define,
      define,
    );
    return module.exports;
  };

  load('app.js');
  (defined?.['onLaunch'] as (() => void) | undefined)?.();
  const { pages } = JSON.parse(readFileSync(path.join(root, 'app.json'), 'utf8')) as { pages: string[] };

  return {
    pages,
    navigations,
    storage,
    require: (module) => load(`${module}.js`),
    async open(page, query = {}) {
      modules.delete(`${page}.js`);
      load(`${page}.js`);
      const definition = defined ?? {};
      const entries = Object.entries(definition);
      const isHandler = ([, value]: [string, unknown]) => typeof value === 'function';
      const id = runtime.register({
        template: templates(page),
        usingComponents: {},
        tagName: 'page',
        data: JSON.parse(JSON.stringify(definition['data'] ?? {})),
        methods: Object.fromEntries(entries.filter(isHandler)),
      });
      const node = runtime.create(id);
      // What a page sets goes to the screen as JSON, as it does on the phone.
      const setData = node.instance['setData'] as (data: unknown) => void;
      node.instance['setData'] = (data: unknown) =>
        setData.call(node.instance, JSON.parse(JSON.stringify(data)));
      node.attach(dom.window.document.body);
      const opened = showPage(node);
      await opened.run('onLoad', query);
      await opened.run('onShow');
      return opened;
    },
    close: () => dom.window.close(),
  };
}

function showPage(node: PageNode): OpenPage {
  const find = (selector: string, index = 0): PageNode => {
    const found = node.querySelectorAll(selector)[index];
    if (found === undefined)
      throw new Error(`the page has no ${selector} (${index}): ${node.dom.textContent}`);
    return found;
  };
  // An event is handled a moment later, as on the phone.
  const dispatch = async (on: PageNode, name: string, detail: object = {}) => {
    on.dispatchEvent(name, { detail });
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return {
    get data() {
      return node.instance['data'] as OpenPage['data'];
    },
    text: (selector) => (selector === undefined ? node : find(selector)).dom.textContent,
    attributes: (selector) =>
      Object.fromEntries(
        find(selector)
          .toJSON()
          .attrs.map(({ name, value }) => [name, value]),
      ),
    has: (selector) => node.querySelector(selector) !== undefined,
    screen: () => node.toJSON(),
    async tap(selector, index) {
      const { attrs } = find(selector, index).toJSON();
      // A disabled button takes no tap.
      if (!attrs.some(({ name, value }) => name === 'disabled' && value === true))
        await dispatch(find(selector, index), 'tap');
    },
    input: (selector, value, index) => dispatch(find(selector, index), 'input', { value }),
    event: (selector, name, detail) => dispatch(find(selector), name, detail),
    async run(handler, ...args) {
      const { [handler]: method } = node.instance;
      if (typeof method === 'function') await method.apply(node.instance, args);
    },
    async until(holds) {
      const end = Date.now() + 10_000;
      while (!(await holds())) {
        if (Date.now() > end)
          throw new Error(`it did not come to that; the page shows: ${node.dom.textContent}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    close: () => node.detach(),
  };
}

interface Dom {
  readonly window: { readonly document: { readonly body: unknown }; close(): void } & {
    [name: string]: unknown;
  };
}

/** What j-component draws on. It looks for `window` and `document` once, when it is loaded. */
function openDom(): Dom {
  const { JSDOM } = loadPackage('jsdom') as { JSDOM: new (html: string) => Dom };
  const dom = new JSDOM('<!doctype html><html><body></body></html>');
  const names = ['document', 'Event', 'CustomEvent', 'Node', 'Element', 'HTMLElement', 'MutationObserver'];
  Object.assign(globalThis, Object.fromEntries(names.map((name) => [name, dom.window[name]])), {
    window: dom.window,
  });
  return dom;
}

/** Whether this machine can run WeChat's own template compiler: it comes as a program for Windows, macOS and Linux on x64. */
export const hasTemplateCompiler = process.platform !== 'linux' || process.arch === 'x64';

/** The pages' templates, compiled by WeChat's compiler. */
function compileTemplates(root: string): (page: string) => unknown {
  const { wxmlToJs } = loadPackage('miniprogram-compiler') as { wxmlToJs(root: string): string };
  Object.assign((globalThis as unknown as { window: object }).window, { __webview_engine_version__: 0.02 });
  const compiled = new Function(wxmlToJs(root))() as (file: string) => unknown;
  return (page) => compiled(`${page}.wxml`);
}
