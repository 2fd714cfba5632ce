import { existsSync } from 'node:fs';
import path from 'node:path';

interface System {
  readonly platform: string;
  readonly arch: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Where Chrome, Edge and Chromium usually are on a system. The one that `CHROME_PATH` names goes before all. */
export function usualBrowsers(platform: string, environment: NodeJS.ProcessEnv): string[] {
  const { CHROME_PATH, HOME = '', LOCALAPPDATA } = environment;
  const named = CHROME_PATH ? [CHROME_PATH] : [];
  if (platform === 'win32') {
    const roots = [environment['ProgramFiles'], environment['ProgramFiles(x86)'], LOCALAPPDATA];
    const programs = ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'];
    return [
      ...named,
      ...programs.flatMap((program) => roots.flatMap((root) => (root ? path.win32.join(root, program) : []))),
    ];
  }
  if (platform === 'darwin') {
    const programs = ['Google Chrome', 'Microsoft Edge', 'Chromium'];
    const roots = ['/Applications', path.posix.join(HOME, 'Applications')];
    return [
      ...named,
      ...programs.flatMap((name) => roots.map((root) => `${root}/${name}.app/Contents/MacOS/${name}`)),
    ];
  }
  const programs = [
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
    'microsoft-edge',
  ];
  return [...named, ...programs.map((name) => `/usr/bin/${name}`), '/opt/google/chrome/chrome'];
}

/** Those of them that are there. */
export function installedBrowsers({ platform, env }: System = process): string[] {
  return usualBrowsers(platform, env).filter((file) => existsSync(file));
}

/** Whether an npm package brings a browser for a machine. */
export function hasPackagedBrowser({ platform, arch }: System = process): boolean {
  return platform === 'linux' && arch === 'x64';
}

/** What to say where no browser can be started; `undefined` where there is one to be tried. */
export function whyNoBrowser(system: System = process): string | undefined {
  if (hasPackagedBrowser(system) || installedBrowsers(system).length > 0) return undefined;
  return 'no browser was found: install Chrome, Edge or Chromium, or name one in CHROME_PATH';
}
