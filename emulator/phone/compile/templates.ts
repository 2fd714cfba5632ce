import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { TmplGroup } from 'glass-easel-template-compiler';

/** What WXS has beside JavaScript. */
const wxsGlobals =
  'var getRegExp=function(s,f){return new RegExp(s,f)},getDate=function(...a){return a.length?new Date(...a):new Date()};';

/** The templates of pages and components, compiled by glass-easel's compiler into one expression of JavaScript. */
export function compileTemplates(root: string, parts: readonly string[]): string {
  const group = new TmplGroup();
  try {
    group.setExtraRuntimeScript(wxsGlobals);
    const scripts = new Set<string>();
    const addScript = (file: string) => {
      if (scripts.has(file)) return;
      scripts.add(file);
      const { content, requires } = readWxs(root, file);
      group.addScript(file, content);
      for (const each of requires) addScript(each);
    };
    const templates = new Set<string>();
    const addTemplate = (file: string) => {
      const name = path.join(root, `${file}.wxml`);
      if (templates.has(file) || !existsSync(name)) return;
      templates.add(file);
      group.addTmpl(file, withoutGaps(readFileSync(name, 'utf8')));
      for (const each of group.getDirectDependencies(file) as string[]) addTemplate(each);
      for (const each of group.getScriptDependencies(file) as string[]) addScript(each);
    };
    for (const part of parts) addTemplate(part);
    return group.getTmplGenObjectGroups();
  } finally {
    group.free();
  }
}

/** A template without the white space between its elements, which WeChat does not draw. What is in a `text` stays. */
function withoutGaps(wxml: string): string {
  return wxml.replace(/>\s+<(?!\/text>)/g, '><');
}

/**
 * A file of WXS as JavaScript. There the constructor of a value is the name of its type: `[].constructor === 'Array'`.
 */
function readWxs(root: string, file: string): { readonly content: string; readonly requires: string[] } {
  const requires: string[] = [];
  const content = readFileSync(path.join(root, `${file}.wxs`), 'utf8')
    .replace(/\brequire\(\s*["']([^"']+)["']\s*\)/g, (_all, name: string) => {
      const plain = name.replace(/\.wxs$/, '');
      requires.push(path.posix.resolve('/', path.posix.dirname(file), plain).slice(1));
      return `require(${JSON.stringify(plain)})`;
    })
    .replace(/\.constructor\b/g, '.constructor.name');
  return { content, requires };
}
