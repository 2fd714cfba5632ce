import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { samplePng } from '../../emulator/wechat/samples';

/** Whose files a client may have sent or copied: those of its own folder, and where the owner opened one to clients. */

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator({
    variables: { KEFU_CLIENT_FILES: 'catalogue, public/pictures', KEFU_OPERATORS: 'oOperator' },
  });
});
afterAll(() => emulator.close());

const stored = (path: string) => emulator.storage.put(path, samplePng).fileID;
const call = async (name: string, data: object, source = 'wx_client', openid: string = defaultOpenid) => {
  const invoked = await emulator.call({ name, data, source, openid });
  if (!invoked.ok) throw new Error(invoked.errMsg);
  return invoked.result as { errCode: number; code?: string; folder?: string; details?: { path: string }[] };
};
const folderOf = async (openid: string) =>
  String((await call('kefu-upload-media', { folder: true }, 'wx_client', openid)).folder);
const image = (fileID: string) => ({ msgtype: 'image', image: { fileID } });
const reached = () =>
  emulator.log.since(0).filter((entry) => JSON.stringify(entry).includes('uploadTempMedia'));

describe('a client', () => {
  test('is told its folder, which is the same each time, no other’s, and holds no openid', async () => {
    const folder = await folderOf('oOne');
    expect(folder).toMatch(/^kefu-files\/[0-9a-f]{32}$/);
    expect(await folderOf('oOne')).toBe(folder);
    expect(await folderOf('oTwo')).not.toBe(folder);
    // Nothing is passed over: who names a file too would wait for its media id.
    const both = { folder: true, fileID: 'cloud://a/b', type: 'image' };
    expect(await call('kefu-upload-media', both)).toMatchObject({
      errCode: 40035,
      details: [
        { path: 'fileID', message: 'does not go with folder' },
        { path: 'type', message: 'does not go with folder' },
      ],
    });
  });

  test('sends and hands over files of its own folder, and of those that are open to clients', async () => {
    const own = await folderOf(defaultOpenid);
    for (const path of [`${own}/a.png`, `${own}/2026/b.png`, 'catalogue/tea.png', 'public/pictures/c.png']) {
      expect(await call('kefu-send', image(stored(path)))).toMatchObject({ errCode: 0 });
      expect(await call('kefu-upload-media', { fileID: stored(path) })).toMatchObject({ errCode: 0 });
    }
  });

  test('sends nobody else’s, by whatever way, and none leaves the storage', async () => {
    const own = await folderOf(defaultOpenid);
    const others = await folderOf('oOther');
    const before = reached().length;
    for (const path of [
      `${others}/private.png`,
      'private.png',
      'kefu-media/kept.png',
      'catalogue-of-mine/tea.png',
      'public/passport.png',
      `${own}/../${others.replace('kefu-files/', '')}/private.png`,
      `${own}/./a.png`,
      `${own}//a.png`,
      `${own}/%2e%2e/private.png`,
      `${own}\\..\\private.png`,
      `x/${own}/a.png`,
      own,
    ]) {
      const fileID = stored(path);
      const refused = { errCode: -503002, code: 'file-unavailable' };
      expect(await call('kefu-send', image(fileID))).toMatchObject({
        ...refused,
        details: [{ path: 'image.fileID' }],
      });
      expect(await call('kefu-send', { ...image(fileID), queue: true })).toMatchObject(refused);
      expect(await call('kefu-upload-media', { fileID })).toMatchObject(refused);
      const several = await call('kefu-send', { messages: [image(fileID)] });
      expect(several).toMatchObject({ results: [refused] });
      const card = { title: 't', pagepath: 'p', thumbFileID: fileID };
      const sent = await call('kefu-send', { msgtype: 'miniprogrampage', miniprogrampage: card });
      expect(sent).toMatchObject(refused);
    }
    expect(reached()).toHaveLength(before);
  });
});

test.each([
  ['an operator', 'wx_client', 'oOperator'],
  ['the owner’s code', 'wx_client,scf', 'oAnybody'],
])('%s names any file', async (_who, source, openid) => {
  const fileID = stored('private.png');
  emulator.world.say('miniprogram', defaultOpenid, { MsgType: 'text', Content: '在吗' });
  const message = { ...image(fileID), touser: defaultOpenid };
  expect(await call('kefu-send', message, source, openid)).toMatchObject({ errCode: 0 });
  expect(await call('kefu-upload-media', { fileID }, source, openid)).toMatchObject({ errCode: 0 });
});

test('where the variable says * a client names any file', async () => {
  const open = await createEmulator({ variables: { KEFU_CLIENT_FILES: '*' } });
  try {
    const { fileID } = open.storage.put('anywhere.png', samplePng);
    const invoked = await open.call({
      name: 'kefu-send',
      data: image(fileID),
      source: 'wx_client',
      openid: defaultOpenid,
    });
    expect(invoked).toMatchObject({ ok: true, result: { errCode: 0 } });
  } finally {
    await open.close();
  }
});
