import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import { defaultOpenid, type Emulator } from '../emulator';
import { samplePng } from '../wechat/samples';
import { bareContext } from './bare-context';
import { findFile, readAppFiles } from './compile/app-files';

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
  readonly _exparserNode: TreeNode;
  readonly dom: { readonly textContent: string };
  readonly data: { readonly [field: string]: unknown };
  readonly instance: { [field: string]: unknown };
  querySelector(selector: string): PageNode | undefined;
  querySelectorAll(selector: string): PageNode[];
  dispatchEvent(name: string, options?: object): void;
  toJSON(): Exclude<ScreenNode, string>;
  triggerPageLifeTime(name: string, detail?: unknown): void;
  attach(parent: unknown): void;
  detach(): void;
}

/** A node of WeChat's runtime: a component has a tree of its own beside the children that it is given. */
interface TreeNode {
  readonly childNodes?: readonly TreeNode[];
  /** What stands for it on the screen; a virtual host has nothing of its own there. */
  readonly $$?: unknown;
  readonly shadowRoot?: TreeNode & { querySelectorAll(selector: string): TreeNode[] };
}

type Definition = { [name: string]: unknown };

interface PageRuntime {
  register(definition: object): string;
  /** Registers what components share; what comes back is its name. */
  behavior(definition: object): string;
  create(id: string): PageNode;
}

/** Opens a page as WeChat does. A selector finds what is in the page's components as well. */
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
  event(selector: string, name: string, detail?: object, index?: number): Promise<void>;
  /** Calls a handler of the page, such as `onShow`, and waits for it. */
  run(handler: string, ...args: readonly unknown[]): Promise<void>;
  /** Waits until something holds; 10 s at most. */
  until(holds: () => boolean | Promise<boolean>): Promise<void>;
  close(): void;
}

export interface MiniProgram {
  open(page: string, query?: { readonly [name: string]: string }): Promise<OpenPage>;
  /** Every page that app.json lists, those of subpackages too. */
  readonly pages: readonly string[];
  /** Where the pages wanted to go. */
  readonly navigations: readonly string[];
  /** What the phone's storage holds. */
  readonly storage: Map<string, unknown>;
  /** Loads a module, such as `kefu-client`, as a page does. */
  require(module: string): unknown;
}

export interface MiniProgramOptions {
  readonly emulator: Emulator;
  readonly root: string;
  readonly openid?: string;
  /** What `wx.chooseMedia` comes to: the path of a picture, or nothing where the user closes it. */
  readonly chooses?: () => string | undefined;
  /** Further functions of `wx`, and others in the place of those that are there. */
  readonly wx?: { readonly [name: string]: unknown };
  /** What modules export in the place of the mini program's own, such as its settings: by file, such as `settings.js`. */
  readonly modules?: { readonly [file: string]: object };
  /** What a call of `wx.cloud` fails with, such as where there is no network; nothing where it gets through. */
  readonly fails?: (name: string) => Error | undefined;
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
  const { errCode } = invoked;
  const errMsg = `cloud.callFunction:fail Error: errCode: ${errCode} | errMsg: ${invoked.errMsg}`;
  throw Object.assign(new Error(errMsg), { errCode, errMsg });
}

export function openMiniProgram(options: MiniProgramOptions): MiniProgram {
  const { emulator, root, openid = defaultOpenid, chooses = () => '/tmp/picture.png' } = options;
  const failing = (name: string) => {
    const error = options.fails?.(name);
    if (error !== undefined) throw error;
  };
  const screen = openScreen();
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
        failing(name);
        return callAsWeChat(emulator, name, data, openid);
      },
      async uploadFile({ cloudPath }: { cloudPath: string; filePath: string }) {
        failing('uploadFile');
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
    nextTick: (work: () => void) => void setTimeout(work, 0),
    ...options.wx,
  };

  const context = bareContext({ wx, console, setTimeout, clearTimeout, setInterval, clearInterval });
  const modules = new Map<string, { exports: unknown }>(
    Object.entries(options.modules ?? {}).map(([file, exports]) => [file, { exports }]),
  );
  let defined: Definition | undefined;
  const define = (definition: Definition) => {
    defined = definition;
  };
  const opened: unknown[] = [];
  const globals = {
    Page: define,
    App: define,
    Component: define,
    Behavior: (definition: Definition) => runtime.behavior({ ...definition, ...typed(definition) }),
    getCurrentPages: () => opened,
    getApp: () => ({}),
  };
  const load = (file: string): unknown => {
    const known = modules.get(file);
    if (known !== undefined) return known.exports;
    const module = { exports: {} as unknown };
    modules.set(file, module);
    const run = vm.runInContext(
      `(function (module, exports, require, ${Object.keys(globals).join(', ')}) {${readFileSync(path.join(root, file), 'utf8')}\n})`,
      context,
      { filename: path.join(root, file) },
    ) as (...args: unknown[]) => void;
    const required = (name: string) => {
      const found = findFile(root, file, name, ['.js', '/index.js']);
      if (found === undefined) throw new Error(`${file} asks for ${name}, which is not there`);
      return load(found);
    };
    run(module, module.exports, required, ...Object.values(globals));
    return module.exports;
  };
  const { pages, parts } = readAppFiles(root);
  const configs = new Map(parts.map((part) => [part.path, part.config]));
  const registered = new Map<string, string>();
  /** The components that a page or a component uses, by the tags it gives them. */
  const componentsOf = (place: string): { [tag: string]: string } => {
    const used = Object.entries(configs.get(place)?.usingComponents ?? {});
    return Object.fromEntries(used.map(([tag, name]) => [tag, registerComponent(name.slice(1))]));
  };
  const registerComponent = (place: string): string => {
    const known = registered.get(place);
    if (known !== undefined) return known;
    const usingComponents = componentsOf(place);
    load(`${place}.js`);
    const definition = defined ?? {};
    const id = runtime.register({
      ...definition,
      ...typed(definition),
      ...copying(definition),
      path: place,
      template: templates(place),
      usingComponents,
    });
    registered.set(place, id);
    return id;
  };

  load('app.js');
  (defined?.['onLaunch'] as (() => void) | undefined)?.();

  return {
    pages,
    navigations,
    storage,
    require: (module) => load(`${module}.js`),
    async open(page, query = {}) {
      const usingComponents = componentsOf(page);
      modules.delete(`${page}.js`);
      load(`${page}.js`);
      const definition = defined ?? {};
      const handlers = Object.entries(definition).filter(([, value]) => typeof value === 'function');
      const id = runtime.register({
        ...copying(definition),
        template: templates(page),
        usingComponents,
        tagName: 'page',
        methods: Object.fromEntries(handlers),
      });
      const node = runtime.create(id);
      const shown = showPage(node, () => opened.splice(opened.indexOf(node.instance), 1));
      opened.push(node.instance);
      node.attach(screen);
      await shown.run('onLoad', query);
      await shown.run('onShow');
      await shown.run('onReady');
      node.triggerPageLifeTime('show');
      return shown;
    },
  };
}

const ownTypes: { readonly [name: string]: unknown } = { String, Number, Boolean, Object, Array };

/** A component's properties with the types of this context: its own `String` is another than ours. */
function typed(definition: Definition): Definition {
  const own = (type: unknown) => (typeof type === 'function' ? ownTypes[type.name] : type);
  const properties = Object.entries((definition['properties'] ?? {}) as Definition).map(([name, given]) => {
    const property = typeof given === 'object' && given !== null ? given : { type: given };
    return [name, { ...property, type: own((property as Definition)['type']) ?? null }];
  });
  return { properties: Object.fromEntries(properties) };
}

/** A page or component whose data goes to the screen as JSON, as it does on the phone. */
function copying(definition: Definition): Definition {
  const lifetimes = (definition['lifetimes'] ?? {}) as { readonly [name: string]: () => void };
  function created(this: { setData: (data: unknown, done?: unknown) => void }) {
    const { setData } = this;
    this.setData = (data, done) => setData.call(this, JSON.parse(JSON.stringify(data)), done);
    lifetimes['created']?.call(this);
  }
  return {
    data: JSON.parse(JSON.stringify(definition['data'] ?? {})),
    lifetimes: { ...lifetimes, created },
  };
}

/** The trees of a node and of all components in it, outermost first. */
function treesOf(node: TreeNode): NonNullable<TreeNode['shadowRoot']>[] {
  const own = node.shadowRoot;
  const inner = [...(own?.childNodes ?? []), ...(node.childNodes ?? [])].flatMap(treesOf);
  return own === undefined ? inner : [own, ...inner];
}

function showPage(node: PageNode, closed: () => void): OpenPage {
  const findAll = (selector: string): PageNode[] => {
    const nodes = new Set(treesOf(node._exparserNode).flatMap((tree) => tree.querySelectorAll(selector)));
    const Wrapper = Object.getPrototypeOf(node.constructor) as new (node: TreeNode) => PageNode;
    return [...nodes].map((each) => new Wrapper(each));
  };
  const find = (selector: string, index = 0): PageNode => {
    const found = findAll(selector)[index];
    if (found === undefined)
      throw new Error(`the page has no ${selector} (${index}): ${node.dom.textContent}`);
    return found;
  };
  /** What a finger meets: of a component that has nothing of its own on the screen, its first part. */
  const touched = (node: PageNode): PageNode => {
    const Wrapper = node.constructor as new (node: TreeNode) => PageNode;
    const inner = node._exparserNode.shadowRoot?.childNodes?.[0];
    return node._exparserNode.$$ === undefined && inner !== undefined ? touched(new Wrapper(inner)) : node;
  };
  // An event is handled a moment later, as on the phone.
  const dispatch = async (on: PageNode, name: string, detail: object = {}) => {
    touched(on).dispatchEvent(name, { detail });
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
    has: (selector) => findAll(selector).length > 0,
    screen: () => node.toJSON(),
    async tap(selector, index) {
      const { attrs } = find(selector, index).toJSON();
      // A disabled button takes no tap.
      if (!attrs.some(({ name, value }) => name === 'disabled' && value === true))
        await dispatch(find(selector, index), 'tap');
    },
    input: (selector, value, index) => dispatch(find(selector, index), 'input', { value }),
    event: (selector, name, detail, index) => dispatch(find(selector, index), name, detail),
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
    close: () => {
      node.detach();
      closed();
    },
  };
}

interface Dom {
  readonly window: { readonly document: { readonly body: unknown } } & { [name: string]: unknown };
}

let screen: unknown;

/** What j-component draws on: one for all, as it looks for `window` and `document` once, when it is loaded. */
function openScreen(): unknown {
  if (screen !== undefined) return screen;
  const { JSDOM } = loadPackage('jsdom') as { JSDOM: new (html: string) => Dom };
  const { window } = new JSDOM('<!doctype html><html><body></body></html>');
  const names = ['document', 'Event', 'CustomEvent', 'Node', 'Element', 'HTMLElement', 'MutationObserver'];
  // The templates' compiler writes for what it finds there.
  Object.assign(window, { __webview_engine_version__: 0.02 });
  Object.assign(globalThis, Object.fromEntries(names.map((name) => [name, window[name]])), { window });
  screen = window.document.body;
  return screen;
}

/** Whether this machine can run WeChat's own template compiler: it comes as a program for Windows, macOS and Linux on x64. */
export const hasTemplateCompiler = process.platform !== 'linux' || process.arch === 'x64';

type Templates = (file: string) => unknown;

const compiled = new Map<string, Templates>();

/** The pages' templates, compiled by WeChat's compiler, once for each mini program. */
function compileTemplates(root: string): (page: string) => unknown {
  const templates = compiled.get(root) ?? compile(root);
  compiled.set(root, templates);
  return (page) => templates(`${page}.wxml`);
}

function compile(root: string): Templates {
  const { wxmlToJs } = loadPackage('miniprogram-compiler') as { wxmlToJs(root: string): string };
  return new Function(wxmlToJs(root))() as Templates;
}
