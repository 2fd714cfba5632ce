import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { installedBrowsers, usualBrowsers, whyNoBrowser } from '../../scripts/browser/find-browser';

/** Where the tests of the page look for a browser, on systems that are not this one too. */

describe('the usual browsers', () => {
  test.each([
    [
      'win32',
      { ProgramFiles: 'C:\\Program Files', LOCALAPPDATA: 'C:\\Users\\ann\\AppData\\Local' },
      [
        'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
        'C:\\Users\\ann\\AppData\\Local\\Google\\Chrome\\Application\\chrome.exe',
        'C:\\Program Files\\Microsoft\\Edge\\Application\\msedge.exe',
        'C:\\Users\\ann\\AppData\\Local\\Microsoft\\Edge\\Application\\msedge.exe',
      ],
    ],
    [
      'darwin',
      { HOME: '/Users/ann' },
      [
        '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
        '/Users/ann/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
        '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
        '/Users/ann/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
        '/Applications/Chromium.app/Contents/MacOS/Chromium',
        '/Users/ann/Applications/Chromium.app/Contents/MacOS/Chromium',
      ],
    ],
  ])('of %s are Chrome and Edge where they stand', (platform, env, expected) => {
    expect(usualBrowsers(platform, env)).toEqual(expected);
  });

  test.each(['win32', 'darwin', 'linux'])('of %s come after the one that CHROME_PATH names', (platform) => {
    const [first, ...others] = usualBrowsers(platform, { CHROME_PATH: 'my-chrome' });
    expect(first).toBe('my-chrome');
    expect(others).toEqual(usualBrowsers(platform, {}));
  });
});

test('where there is none, a sentence says what to do', async () => {
  const bare = { platform: 'win32', arch: 'x64', env: {} };
  expect(whyNoBrowser(bare)).toMatch(/^no browser was found: install .* CHROME_PATH$/);
  expect(whyNoBrowser({ ...bare, platform: 'linux' })).toBeUndefined();

  const folder = await mkdtemp(path.join(tmpdir(), 'browser-'));
  const file = path.join(folder, 'chrome');
  await writeFile(file, '');
  const named = { ...bare, env: { CHROME_PATH: file } };
  expect(installedBrowsers(named)).toEqual([file]);
  expect(whyNoBrowser(named)).toBeUndefined();
  await rm(folder, { recursive: true });
});
