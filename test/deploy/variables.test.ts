import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chooseVariables, notSet, readEnvironment } from '../../scripts/deploy/variables';

/** Where the variables of a deploy come from. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kefu-variables-'));
  await writeFile(path.join(folder, '.env'), 'KEFU_OPERATORS=oFile\r\nOFFICIAL_CHANNEL=cloud\r\nA=1\r\n');
  await writeFile(path.join(folder, '.env.shop-1'), 'KEFU_OPERATORS=oShop\nWECHAT_ACCESS_TOKEN=token\n');
});
afterAll(() => rm(folder, { recursive: true }));

test('the environment goes before the file of the cloud environment, and that before .env', async () => {
  const environment = { OFFICIAL_CHANNEL: 'https' };
  expect(await readEnvironment('shop-1', environment, folder)).toEqual({
    all: { KEFU_OPERATORS: 'oShop', OFFICIAL_CHANNEL: 'https', A: '1', WECHAT_ACCESS_TOKEN: 'token' },
    files: ['.env.shop-1', '.env'],
  });
  expect(await readEnvironment('other', {}, folder)).toMatchObject({
    all: { KEFU_OPERATORS: 'oFile' },
    files: ['.env'],
  });
});

test('the functions get those of the contract, and none that is empty', () => {
  const chosen = chooseVariables({ KEFU_OPERATORS: 'oUser', OFFICIAL_APPID: '', A: '1', B: undefined });
  expect(chosen).toEqual({ KEFU_OPERATORS: 'oUser' });
  expect(notSet({ KEFU_OPERATORS: 'oUser' })).toContain('OFFICIAL_APPID');
});
