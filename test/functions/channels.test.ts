import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import type { Entry } from '../../emulator/entries';
import { samplePng } from '../../emulator/wechat/samples';
import type { Account } from '../../shared/wechat/account';
import { messageExamples } from '../../shared/wechat/messages/message-examples';
import { messageTypeNames, messageTypes } from '../../shared/wechat/messages/message-types';
import { anyCoins, anyMessage, respell } from '../arbitrary/messages';
import { depth } from '../depth';

/** The official account's two ways to WeChat take the same calls: one suite for both. */

const touser = defaultOpenid;
const officialTypes = messageTypeNames.filter((name) =>
  (messageTypes[name].accounts as readonly Account[]).includes('official'),
);

type Wire = Extract<Entry, { kind: 'wire' }>;

describe.each(['cloud', 'https'] as const)('by the channel %s', (channel) => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await createEmulator({ variables: { OFFICIAL_CHANNEL: channel } });
  });
  afterAll(() => emulator.close());
  beforeEach(() => emulator.reset());

  const apiOf = { cloud: 'customerServiceMessage.send', https: '/cgi-bin/message/custom/send' }[channel];
  const templateApi = {
    cloud: 'officialAccount.messageTemplate.send',
    https: '/cgi-bin/message/template/send',
  }[channel];

  async function call(name: string, data: object, source = 'wx_client') {
    const before = emulator.log.since(0).at(-1)?.seq ?? 0;
    const invoked = await emulator.call({
      name,
      data: { account: 'official', ...data },
      source,
      openid: touser,
    });
    if (!invoked.ok) throw new Error(invoked.errMsg);
    const wire = emulator.log
      .since(before)
      .filter((entry): entry is Wire => entry.kind === 'wire' && entry.api !== '/cgi-bin/stable_token');
    return { answer: invoked.result as Record<string, unknown>, wire };
  }

  test.each(officialTypes)('a follower gets %s, field for field', async (msgtype) => {
    const message = { msgtype, [msgtype]: messageExamples[msgtype] };
    const { answer, wire } = await call('kefu-send', message);
    expect(answer).toEqual({ errCode: 0, errMsg: 'ok' });
    expect(wire).toMatchObject([{ api: apiOf, account: 'official', https: { touser, ...message } }]);
    expect(emulator.world.conversation('official', touser).messages.at(-1)).toMatchObject({
      msgtype,
      message,
    });
  });

  test('every message in either spelling arrives as its HTTPS payload', async () => {
    emulator.faults.put([{ api: apiOf, errcode: 0 }]);
    await fc.assert(
      fc.asyncProperty(anyMessage('official'), anyCoins, async (message, coins) => {
        const { answer, wire } = await call('kefu-send', respell(message, coins) as object, 'wx_client,scf');
        expect(answer).toEqual({ errCode: 0, errMsg: 'ok' });
        expect(wire.map(({ https }) => https)).toEqual([message]);
      }),
      { numRuns: depth(300) },
    );
  });

  test('the window of an official account is kept: five messages, three after a menu click', async () => {
    const hi = { msgtype: 'text', text: { content: 'hi 👨‍💻' } };
    const codes: unknown[] = [];
    for (let sent = 0; sent < 6; sent += 1) codes.push((await call('kefu-send', hi)).answer['errCode']);
    expect(codes).toEqual([0, 0, 0, 0, 0, 45047]);
    emulator.clock.advance(48 * 60 * 60 * 1000);
    expect((await call('kefu-send', hi)).answer).toMatchObject({ errCode: 45015, code: 'window-closed' });
    emulator.world.act('official', touser, 'menu-click');
    expect((await call('kefu-send', hi)).answer).toEqual({ errCode: 0, errMsg: 'ok' });
  });

  test('a file in cloud storage is uploaded under the type its field needs', async () => {
    const jpeg = emulator.storage.put('a.jpg', Buffer.from([0xff, 0xd8, 0xff, 0xe0])).fileID;
    const film = emulator.storage.put('a.mp4', Buffer.from('\0\0\0\x18ftypmp42')).fileID;
    const { answer } = await call('kefu-send', {
      msgtype: 'video',
      video: { fileID: film, thumbFileID: jpeg },
    });
    expect(answer).toEqual({ errCode: 0, errMsg: 'ok' });
    const shown = emulator.world.conversation('official', touser).messages.at(-1)?.message as {
      video: { media_id: string; thumb_media_id: string };
    };
    expect(emulator.world.media('official', shown.video.media_id)).toMatchObject({
      type: 'video',
      contentType: 'video/mp4',
    });
    expect(emulator.world.media('official', shown.video.thumb_media_id)).toMatchObject({
      type: 'thumb',
      contentType: 'image/jpeg',
    });
  });

  test('media is uploaded, whole', async () => {
    const { answer } = await call('kefu-upload-media', { fileID: emulator.sampleFileID });
    expect(answer).toMatchObject({ errCode: 0, type: 'image' });
    expect(Buffer.from(emulator.world.media('official', String(answer['mediaId']))?.bytes ?? [])).toEqual(
      samplePng,
    );
  });

  test.each([
    [
      'the document of the brief',
      'ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY',
      ['User', 'Date', 'CardNumber', 'Type', 'Money', 'DeadTime', 'Left'],
    ],
    [
      'keyword templates',
      'JkZGZlvL5ou_UFide5ncZOzLbtUaPPz8cuYdXUKEkzs',
      ['first', 'keyword1', 'keyword2', 'remark'],
    ],
    ['keys in camelCase', 'TM00015', ['withdrawMoney', 'withdrawTime', 'cardInfo', 'arrivedTime']],
    [
      'keys that no rule foresees',
      'TEMPLATE_ID',
      ['__x', 'A_B', 'a-b', 'URL', '金额', 'openID', 'snake_case'],
    ],
  ])('the keys of %s reach WeChat as they were given', async (_what, templateId, keys) => {
    const data = Object.fromEntries(
      keys.map((key, index) => [key, { value: `值 ${index}`, color: '#173177' }]),
    );
    const payload = {
      url: 'http://weixin.qq.com/download',
      topcolor: '#FF0000',
      miniprogram: { appid: 'wx1', pagepath: 'pages/a?b=1' },
      data,
    };
    const { answer, wire } = await call('kefu-template-send', {
      ...payload,
      templateId,
      clientMsgId: `id-${templateId.slice(0, 8)}`,
    });
    expect(answer).toEqual({ errCode: 0, errMsg: 'ok', msgid: '2400000000000000001' });
    expect(wire).toMatchObject([{ api: templateApi }]);
    expect(wire[0]?.https).toEqual({
      touser,
      template_id: templateId,
      ...payload,
      client_msg_id: `id-${templateId.slice(0, 8)}`,
    });
  });

  test('for every template: any keys, any values, either spelling around them', async () => {
    emulator.faults.put([{ api: templateApi, errcode: 0 }]);
    const value = fc
      .string({ unit: 'grapheme', maxLength: 20 })
      .filter((text) => !/[\u0000-\u001f]|\p{Surrogate}/u.test(text));
    const key = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => !/[\u0000-\u001f"\\]|\p{Surrogate}/u.test(text));
    const data = fc.dictionary(
      key,
      fc.record({ value, color: fc.constantFrom('#173177', '#FF0000') }, { requiredKeys: ['value'] }),
      { minKeys: 1, maxKeys: 6 },
    );
    await fc.assert(
      fc.asyncProperty(data, fc.boolean(), async (given, camel) => {
        // By the owner's code, which may call more often in a minute than a user.
        const event = { touser, [camel ? 'templateId' : 'template_id']: 'T', data: given };
        const { answer, wire } = await call('kefu-template-send', event, 'wx_client,scf');
        expect(answer['errCode']).toBe(0);
        expect(wire[0]?.https).toEqual({ touser, template_id: 'T', data: { ...given } });
      }),
      { numRuns: depth(300) },
    );
  });

  test('a template that fails says why', async () => {
    const send = (data: object) => call('kefu-template-send', data);
    expect((await send({ template_id: 'NONE', data: { a: { value: 'b' } } })).answer).toMatchObject({
      errCode: 40037,
      code: 'template-invalid',
    });
    expect((await send({ template_id: 'T', data: {} })).answer).toMatchObject({
      errCode: 47003,
      details: [{ path: 'data' }],
    });
    expect((await send({ template_id: 'T', data: { User: '黄先生' } })).answer).toMatchObject({
      details: [{ path: 'data.User', message: 'must be {value}, not a string' }],
    });
    expect((await send({ template_id: 'T', data: { User: { Value: 'x' } } })).answer).toMatchObject({
      details: [{ path: 'data.User.value' }, { path: 'data.User.Value' }],
    });
    expect((await send({ templateID: 'T', data: { a: { value: 'b' } } })).answer).toMatchObject({
      errCode: 40037,
      details: [{}, { message: 'is not a field; did you mean templateId?' }],
    });
    const once = { template_id: 'TEMPLATE_ID', client_msg_id: 'order-1', data: { a: { value: 'b' } } };
    expect((await send(once)).answer).toMatchObject({ errCode: 0 });
    expect((await send(once)).answer).toMatchObject({ errCode: 45065, code: 'already-sent' });
  });

  test('a send of which no answer came is of unknown delivery', async () => {
    for (const behaviour of ['cut', 'empty', 'garbage'] as const) {
      emulator.faults.put([{ api: apiOf, behaviour }]);
      const { answer } = await call('kefu-send', { msgtype: 'text', text: { content: 'hi' } });
      expect(answer).toMatchObject({ code: 'unknown-delivery', retryable: false });
    }
    emulator.faults.put([{ api: templateApi, behaviour: 'cut' }]);
    const { answer } = await call('kefu-template-send', {
      template_id: 'TEMPLATE_ID',
      data: { a: { value: 'b' } },
    });
    expect(answer).toMatchObject({ code: 'unknown-delivery' });
  });
});

describe('a film that WeChat holds', () => {
  test('is saved from the address that WeChat gives in its place', async () => {
    const emulator = await createEmulator({ variables: { OFFICIAL_CHANNEL: 'https' } });
    try {
      const film = Buffer.from('\0\0\0\x18ftypmp42 a film');
      const { mediaId } = emulator.world.keepMedia({
        account: 'official',
        type: 'video',
        contentType: 'video/mp4',
        bytes: film,
      });
      const invoked = await emulator.call({
        name: 'kefu-get-media',
        data: { mediaId, account: 'official' },
        source: 'wx_client',
        openid: touser,
      });
      expect(invoked).toMatchObject({
        result: { errCode: 0, contentType: 'video/mp4', sizeBytes: film.length },
      });
      const { fileID } = (invoked as { result: { fileID: string } }).result;
      expect(fileID).toMatch(/\.mp4$/);
      expect(
        Buffer.from(emulator.storage.list().find((file) => file.fileID === fileID)?.bytes ?? []),
      ).toEqual(film);
    } finally {
      await emulator.close();
    }
  });
});

describe('what one channel has and the other does not', () => {
  test('the cloud offers an official account no typing sign and no stored media; without an AppSecret that is said', async () => {
    const emulator = await createEmulator({
      variables: { OFFICIAL_CHANNEL: 'cloud', OFFICIAL_SECRET: '' },
    });
    try {
      for (const [name, data] of [
        ['kefu-typing', {}],
        ['kefu-get-media', { mediaId: 'MEDIA_ID' }],
      ] as const) {
        const invoked = await emulator.call({
          name,
          data: { ...data, account: 'official' },
          source: 'wx_client',
          openid: touser,
        });
        expect(invoked).toMatchObject({
          result: {
            errCode: -604100,
            code: 'configuration-invalid',
            errMsg: expect.stringContaining('set OFFICIAL_SECRET'),
          },
        });
      }
    } finally {
      await emulator.close();
    }
  });

  test.each(['https', 'cloud'])(
    'HTTPS has both, and with an AppSecret the channel %s finds them there',
    async (channel) => {
      const emulator = await createEmulator({ variables: { OFFICIAL_CHANNEL: channel } });
      try {
        for (const [name, data] of [
          ['kefu-typing', {}],
          ['kefu-get-media', { mediaId: 'MEDIA_ID' }],
        ] as const) {
          const invoked = await emulator.call({
            name,
            data: { ...data, account: 'official' },
            source: 'wx_client',
            openid: touser,
          });
          expect(invoked).toMatchObject({ result: { errCode: 0 } });
        }
        expect(emulator.world.conversation('official', touser).typing).toBe(true);
      } finally {
        await emulator.close();
      }
    },
  );
});
