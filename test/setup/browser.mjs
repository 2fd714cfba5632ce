// Finds a browser that starts, and prints how: {"executablePath", "args", "env"}. Run as a process of its own
// (`node test/setup/browser.mjs`), because the npm package that brings a browser cannot be loaded in jest's VM.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the packaged browser is unpacked: beside the packages, gone with them. */
const cache = fileURLToPath(new URL('../../node_modules/.cache/kefu-cloud/', import.meta.url));

/** Where Chrome and Chromium usually are; `CHROME_PATH` goes before all. */
const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** No sandbox of its own (tests run as root in a container), and no traffic of its own. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-extensions',
  '--disable-sync',
  '--metrics-recording-only',
  '--no-default-browser-check',
  '--no-first-run',
  '--no-pings',
];

/** Why a browser does not start; empty where it does. */
function whyNot(executablePath, env) {
  if (!existsSync(executablePath)) return 'is not there';
  try {
    execFileSync(executablePath, ['--version', '--no-sandbox'], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 30_000,
    });
    return '';
  } catch (error) {
    return (
      String(error.stderr ?? '')
        .trim()
        .split('\n')[0] || error.message
    );
  }
}

/** The browser inside @sparticuz/chromium, unpacked once for each version of it: Linux x64. */
async function packagedBrowser() {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('is for Linux x64 only');
  const require = createRequire(import.meta.url);
  const packageFile = path.join(path.dirname(require.resolve('@sparticuz/chromium')), '../../package.json');
  const folder = path.join(cache, `chromium-${require(packageFile).version}`);
  if (!existsSync(folder)) await unpack(folder);

  const executablePath = path.join(folder, 'chromium');
  const fonts = { FONTCONFIG_FILE: path.join(folder, fontsFile) };
  // A bare machine may lack libraries that the package has along.
  const libraries = { ...fonts, LD_LIBRARY_PATH: path.join(folder, 'al2023', 'lib') };
  const reasons = [];
  for (const env of [fonts, libraries]) {
    const reason = whyNot(executablePath, env);
    if (reason === '') return { executablePath, env };
    reasons.push(reason);
  }
  throw new Error(reasons.join('; '));
}

/** The machine's fonts, where it has any, and the package's: without a single font the browser ends at a text field. */
const fontsFile = 'fonts.conf';
const fontsConfig = (folder) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${folder}</dir>
  <cachedir>${folder}-cache</cachedir>
</fontconfig>
`;

/** Unpacks into a folder of its own and then renames it, so that two runs at a time do not see half a browser. */
async function unpack(folder) {
  await mkdir(cache, { recursive: true });
  const unpacking = await mkdtemp(`${folder}-`);
  const { TMPDIR, AWS_EXECUTION_ENV } = process.env;
  // The package unpacks into the folder for temporary files, and its libraries where it believes to be on Lambda.
  Object.assign(process.env, { TMPDIR: unpacking, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' });
  const { LD_LIBRARY_PATH, FONTCONFIG_PATH } = process.env;
  try {
    const { default: chromium } = await import('@sparticuz/chromium');
    await chromium.executablePath();
    await writeFile(path.join(unpacking, fontsFile), fontsConfig(path.join(folder, 'fonts')));
    await rename(unpacking, folder);
  } catch (error) {
    await rm(unpacking, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  } finally {
    for (const [name, value] of Object.entries({
      TMPDIR,
      AWS_EXECUTION_ENV,
      LD_LIBRARY_PATH,
      FONTCONFIG_PATH,
    })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

async function findBrowser() {
  const tried = [];
  const named = process.env.CHROME_PATH ?? '';
  for (const executablePath of named === '' ? usualPaths : [named, ...usualPaths]) {
    const reason = whyNot(executablePath, {});
    if (reason === '') return { executablePath, args, env: {} };
    if (reason !== 'is not there' || executablePath === named) tried.push(`${executablePath} ${reason}`);
  }
  try {
    return { ...(await packagedBrowser()), args };
  } catch (error) {
    tried.push(`@sparticuz/chromium ${error.message}`);
  }
  throw new Error(
    `The tests of the page need a browser, and none could be started. Install Chrome or Chromium, or name one in CHROME_PATH. Tried: ${tried.join('; ')}.`,
  );
}

try {
  process.stdout.write(JSON.stringify(await findBrowser()));
} catch (error) {
  process.stderr.write(error.message);
  process.exitCode = 1;
}
