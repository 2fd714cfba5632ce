import { readAppFiles } from './app-files';
import { bundleScripts } from './scripts';
import { readStyles, scopeName, toCss } from './styles';
import { compileTemplates } from './templates';

/** A mini program as a browser runs it. */
export interface CompiledMiniProgram {
  readonly script: string;
  readonly styles: string;
}

/**
 * Compiles a built mini program (`app.json`, WXML, WXSS, WXS, scripts, components, subpackages, `miniprogram_npm`) for
 * the phone on the page. The script hands over to the runtime, `startMiniProgram`, in `emulator/page/mini-program`.
 */
export async function compileMiniProgram(root: string): Promise<CompiledMiniProgram> {
  const { app, pages, parts } = readAppFiles(root);
  const paths = parts.map((part) => part.path);
  const isComponent = new Set(parts.filter(({ config }) => config.component === true));
  const described = parts.map((part) => ({
    path: part.path,
    config: part.config,
    ...(isComponent.has(part) ? { scope: scopeName(parts, part) } : {}),
  }));
  const scripts = await bundleScripts(root, ['app', ...paths]);
  const styles = [
    toCss(readStyles(root, 'app'), { kind: 'app' }),
    ...parts.map((part) =>
      toCss(
        readStyles(root, part.path),
        isComponent.has(part)
          ? { kind: 'component', name: scopeName(parts, part) }
          : { kind: 'page', path: part.path },
      ),
    ),
  ];
  return {
    script: `${scripts}\nstartMiniProgram(${JSON.stringify({ app, pages, parts: described })}, modules, ${compileTemplates(root, paths)});\n`,
    styles: styles.join('\n'),
  };
}
