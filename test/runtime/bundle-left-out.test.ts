import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundleFunctions } from '../../scripts/build-functions';

/** What a bundle does not have, and when it loads what it has in files of their own. */

type Anything = ReturnType<typeof JSON.parse>;

let folder: string;
let sdk: Anything;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bundle-left-out-'));
  const entry = path.resolve('test/scripts/bundle/sdk.ts');
  await bundleFunctions({ sdk: entry }, folder);
  process.env['TENCENTCLOUD_RUNENV'] = 'SCF';
  process.env['TENCENTCLOUD_REGION'] = 'ap-shanghai';
  process.env['SCF_NAMESPACE'] = 'local';
  sdk = (require(path.join(folder, 'sdk', 'index.js')) as { sdk: Anything }).sdk;
  sdk.init({ env: 'local' });
});
afterAll(() => rm(folder, { recursive: true }));

describe('what is left out names itself when it is used', () => {
  const uses: { readonly [part: string]: () => unknown } = {
    'cloud.getOpenData': () => sdk.getOpenData({ list: [] }),
    'cloud.getVoIPSign': () => sdk.getVoIPSign({}),
    'cloud.getCloudCallSign': () => sdk.getCloudCallSign({}),
    'cloud.callOpenAPI': () => sdk.callOpenAPI({}),
    'cloud.cloudPay': () => sdk.cloudPay.unifiedOrder({}),
    'cloud.ai': () => sdk.ai(),
    '@cloudbase/database/dist/commonjs/realtime/websocket-client': () =>
      // wx-server-sdk itself hides it.
      sdk.database()._db.collection('a').watch({}),
  };
  test.each(Object.entries(uses))('%s', async (part, use) => {
    await expect((async () => use())()).rejects.toThrow(`${part} is left out of this bundle`);
  });
});

describe('a file of its own', () => {
  const loaded = () =>
    Object.keys(require.cache)
      .filter((file) => file.startsWith(path.join(folder, 'sdk')))
      .map((file) => path.basename(file));

  test('is there beside index.js for each part', async () => {
    expect((await readdir(path.join(folder, 'sdk'))).sort()).toEqual([
      'database.js',
      'index.js',
      'keepalive.js',
    ]);
  });

  test('is missed only when it is needed', async () => {
    const bare = path.join(folder, 'bare');
    await bundleFunctions({ bare: path.resolve('test/scripts/bundle/sdk.ts') }, folder);
    await rm(path.join(bare, 'database.js'));
    const without = (require(path.join(bare, 'index.js')) as { sdk: Anything }).sdk;
    without.init({ env: 'local' });
    expect(() => without.database()).toThrow('database.js');
    expect(loaded()).toContain('index.js');
  });
});

test('a bundle without the SDK has nothing that a row could miss', async () => {
  const entry = path.join(folder, 'entry.js');
  await writeFile(entry, 'exports.main = () => 1;');
  await expect(bundleFunctions({ none: entry }, folder)).resolves.toBeDefined();
});
