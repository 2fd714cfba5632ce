// Prints where the browser inside @sparticuz/chromium is, unpacked once for each version of it, and the variables it
// may need: {"executablePath", "fonts", "libraries"}. A process of its own, because that package cannot be loaded in
// jest's VM. Linux on x64 only.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where it is unpacked: beside the packages, gone with them. */
const cache = fileURLToPath(new URL('../../node_modules/.cache/kefu-cloud/', import.meta.url));

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
  // The package unpacks into the folder for temporary files, and its libraries where it believes to be on Lambda.
  Object.assign(process.env, { TMPDIR: unpacking, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' });
  try {
    const { default: chromium } = await import('@sparticuz/chromium');
    await chromium.executablePath();
    await writeFile(path.join(unpacking, fontsFile), fontsConfig(path.join(folder, 'fonts')));
    await rename(unpacking, folder);
  } catch (error) {
    await rm(unpacking, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

const require = createRequire(import.meta.url);
const packageFile = path.join(path.dirname(require.resolve('@sparticuz/chromium')), '../../package.json');
const folder = path.join(cache, `chromium-${require(packageFile).version}`);
if (!existsSync(folder)) await unpack(folder);
process.stdout.write(
  JSON.stringify({
    executablePath: path.join(folder, 'chromium'),
    fonts: { FONTCONFIG_FILE: path.join(folder, fontsFile) },
    // A bare machine may lack libraries that the package has along.
    libraries: { LD_LIBRARY_PATH: path.join(folder, 'al2023', 'lib') },
  }),
);
