import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import type { Entry } from '../../emulator/entries';
import { samplePng } from '../../emulator/wechat/samples';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator();
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const hour = 60 * 60 * 1000;

async function call(name: string, data: object) {
  const before = emulator.log.since(0).at(-1)?.seq ?? 0;
  const invoked = await emulator.call({ name, data, source: 'wx_client', openid: defaultOpenid });
  const apis = emulator.log
    .since(before)
    .filter((entry): entry is Extract<Entry, { kind: 'wire' }> => entry.kind === 'wire')
    .map(({ api }) => api.replace('customerServiceMessage.', ''));
  return { answer: (invoked.ok ? invoked.result : invoked) as Record<string, unknown>, apis };
}

const sendFile = (fileID: string) => call('kefu-send', { msgtype: 'image', image: { fileID } });

/** The media id in the last message on the user's screen. */
function shownMediaId(): string {
  const message = emulator.world.conversation('miniprogram', defaultOpenid).messages.at(-1)?.message as {
    image: { media_id: string };
  };
  return message.image.media_id;
}

function file(name: string, bytes: Uint8Array): string {
  return emulator.storage.put(name, bytes).fileID;
}

describe('a file in a message', () => {
  test('is uploaded once and remembered for its three days', async () => {
    const first = await sendFile(emulator.sampleFileID);
    expect(first).toEqual({ answer: { errCode: 0, errMsg: 'ok' }, apis: ['uploadTempMedia', 'send'] });
    const mediaId = shownMediaId();
    expect(emulator.world.media('miniprogram', mediaId)).toMatchObject({
      contentType: 'image/png',
      bytes: samplePng,
    });

    expect((await sendFile(emulator.sampleFileID)).apis).toEqual(['send']);
    expect(shownMediaId()).toBe(mediaId);
    emulator.clock.advance(47 * hour);
    expect((await sendFile(emulator.sampleFileID)).apis).toEqual(['send']);
  });

  test('is remembered across instances, in the cloud database', async () => {
    await sendFile(emulator.sampleFileID);
    emulator.runner.recycle();
    expect((await sendFile(emulator.sampleFileID)).apis).toEqual(['send']);
    expect(Object.keys(emulator.database.dump())).toEqual(['kefu_media']);
  });

  test('is uploaded anew shortly before its three days end', async () => {
    await sendFile(emulator.sampleFileID);
    emulator.clock.advance(71 * hour + 1);
    emulator.world.say('miniprogram', defaultOpenid, { MsgType: 'text', Content: 'hi' });
    expect((await sendFile(emulator.sampleFileID)).apis).toEqual(['uploadTempMedia', 'send']);
  });

  test('is uploaded anew when WeChat no longer knows it (40007), and sent once more', async () => {
    await sendFile(emulator.sampleFileID);
    emulator.faults.put([{ api: 'customerServiceMessage.send', errcode: 40007, times: 1 }]);
    const again = await sendFile(emulator.sampleFileID);
    expect(again).toEqual({
      answer: { errCode: 0, errMsg: 'ok' },
      apis: ['send', 'uploadTempMedia', 'send'],
    });
  });

  test('that WeChat refuses twice is given up after one repeat', async () => {
    emulator.faults.put([{ api: 'customerServiceMessage.send', errcode: 40007 }]);
    const { answer, apis } = await sendFile(emulator.sampleFileID);
    expect(answer).toMatchObject({ errCode: 40007, code: 'media-expired' });
    expect(apis).toEqual(['uploadTempMedia', 'send', 'uploadTempMedia', 'send']);
  });

  test('a media id that the caller named is not replaced when it has expired', async () => {
    const { answer, apis } = await call('kefu-send', { msgtype: 'image', image: { mediaId: 'GONE' } });
    expect(answer).toMatchObject({ errCode: 40007, code: 'media-expired', retryable: false });
    expect(apis).toEqual(['send']);
  });

  test('does not depend on the database: without it the file is uploaded each time', async () => {
    emulator.faults.put([{ api: 'database.*', errcode: -1 }]);
    expect((await sendFile(emulator.sampleFileID)).apis).toEqual(['uploadTempMedia', 'send']);
    expect((await sendFile(emulator.sampleFileID)).apis).toEqual(['uploadTempMedia', 'send']);
  });

  test.each([
    ['that does not exist', () => 'cloud://local.local-bucket/none.png', -503003, 'file-unavailable'],
    ['of another environment', () => 'cloud://other.bucket/none.png', -503003, 'file-unavailable'],
    ['that is empty', () => file('empty.png', new Uint8Array()), 44001, 'media-invalid'],
    [
      'whose name lies about its format',
      () => file('text.png', Buffer.from('just text')),
      40005,
      'media-invalid',
    ],
    ['that is a sound', () => file('a.mp3', Buffer.from('ID3 sound')), 40005, 'media-invalid'],
    [
      'over 10 MB',
      () => file('large.png', Buffer.concat([samplePng, Buffer.alloc(10 * 1024 * 1024)])),
      40009,
      'media-invalid',
    ],
  ])('%s is refused, and nothing is sent', async (_what, fileID, errCode, code) => {
    const { answer, apis } = await sendFile(fileID());
    expect(answer).toMatchObject({ errCode, code, details: [{ path: 'image.fileID' }] });
    expect(apis).toEqual([]);
  });

  test.each(['media_id', 'mediaId', 'fileID'])(
    'that is not there is named as its caller spelled it: %s',
    async (key) => {
      const message = { msgtype: 'image', image: { [key]: 'cloud://local.local-bucket/nothing.png' } };
      const details = (path: string) => [{ path, message: 'no such file in cloud storage' }];
      expect((await call('kefu-send', message)).answer).toMatchObject({
        code: 'file-unavailable',
        details: details(`image.${key}`),
      });
      expect((await call('kefu-send', { messages: [{}, message] })).answer).toMatchObject({
        results: [{}, { code: 'file-unavailable', details: details(`messages[1].image.${key}`) }],
      });
    },
  );

  test('is taken by every kind of name: Chinese, blanks, percent signs', async () => {
    const { answer } = await sendFile(file('图片/我的 100%.png', samplePng));
    expect(answer).toEqual({ errCode: 0, errMsg: 'ok' });
  });
});

describe('kefu-upload-media', () => {
  test('answers the media id, its type and when it ends, in seconds', async () => {
    const { answer } = await call('kefu-upload-media', { fileID: emulator.sampleFileID });
    const { mediaId, createdAt } = answer as { mediaId: string; createdAt: number };
    expect(answer).toEqual({
      errCode: 0,
      errMsg: 'ok',
      mediaId,
      type: 'image',
      createdAt,
      expiresAt: createdAt + 259_200,
    });
    expect(emulator.world.media('miniprogram', mediaId)?.type).toBe('image');
  });

  test('tells WeChat the format that the bytes have', async () => {
    const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0x10, 0x4a, 0x46]);
    await call('kefu-upload-media', { fileID: file('really-a-jpeg.png', jpeg) });
    const wire = emulator.log.since(0).find((entry) => entry.kind === 'wire');
    expect(wire).toMatchObject({
      https: { type: 'image', media: { filename: expect.stringMatching(/\.jpe?g$/) } },
    });
  });

  test.each([
    [{}, 41005, 'fileID'],
    [{ fileID: 'https://example.com/a.png' }, 41005, 'fileID'],
    [{ fileID: 'cloud://a', type: 'picture' }, 40004, 'type'],
    [{ fileID: 'cloud://a', type: 'voice' }, 40004, 'type'],
    [{ fileid: 'cloud://a' }, 41005, 'fileID'],
  ])('refuses %j with %i', async (data, errCode, path) => {
    const { answer, apis } = await call('kefu-upload-media', data);
    expect(answer).toMatchObject({ errCode });
    expect((answer['details'] as { path: string }[])[0]?.path).toBe(path);
    expect(apis).toEqual([]);
  });
});

describe('kefu-get-media', () => {
  test('saves the file in cloud storage, the same one for the same media id', async () => {
    const { answer } = await call('kefu-get-media', { mediaId: 'MEDIA_ID' });
    expect(answer).toMatchObject({ errCode: 0, contentType: 'image/png', sizeBytes: samplePng.length });
    const saved = emulator.storage.list().find(({ fileID }) => fileID === answer['fileID']);
    expect(Buffer.from(saved?.bytes ?? [])).toEqual(samplePng);
    expect((await call('kefu-get-media', { media_id: 'MEDIA_ID' })).answer['fileID']).toBe(answer['fileID']);
  });

  test('explains an id that WeChat does not know', async () => {
    const { answer } = await call('kefu-get-media', { mediaId: 'GONE' });
    expect(answer).toMatchObject({ errCode: 40007, code: 'media-expired' });
  });

  test('takes an empty answer for what it is', async () => {
    emulator.faults.put([{ api: 'customerServiceMessage.getTempMedia', behaviour: 'empty' }]);
    const { answer } = await call('kefu-get-media', { mediaId: 'MEDIA_ID' });
    expect(answer).toMatchObject({ errCode: -501001, code: 'wechat-busy', retryable: true });
  });
});
