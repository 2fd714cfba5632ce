import { readAppFiles } from './app-files';
import { bundleScripts } from './scripts';
import { readStyles, toCss } from './styles';
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
  const described = readAppFiles(root);
  const paths = described.parts.map((part) => part.path);
  const scripts = await bundleScripts(root, ['app', ...paths]);
  const styles = [
    toCss(readStyles(root, 'app'), { kind: 'app' }),
    ...described.parts.map(({ path, scope }) =>
      toCss(
        readStyles(root, path),
        scope === undefined ? { kind: 'page', path } : { kind: 'component', name: scope },
      ),
    ),
  ];
  return {
    script: `${scripts}\nstartMiniProgram(${JSON.stringify(described)}, modules, ${compileTemplates(root, paths)});\n`,
    styles: styles.join('\n'),
  };
}
