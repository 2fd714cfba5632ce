import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { samplePng } from '../../emulator/wechat/samples';

/** Published clients against `kefu-gateway`, unmodified: each is told the address in the way that docs/gateway.md names. */

const touser = defaultOpenid;
const picture = 'docs/images/demo.png';
const hi = { touser, msgtype: 'text', text: { content: 'hi' } };
const secretOne = 'one-'.repeat(8);
const secretTwo = 'two-'.repeat(8);

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator({
    variables: {
      OFFICIAL_CHANNEL: 'https',
      GATEWAY_CLIENTS: `mini-server:${secretOne}:miniprogram,oa-server:${secretTwo}:official`,
    },
  });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

function received(account: 'miniprogram' | 'official' = 'miniprogram'): unknown[] {
  return emulator.world
    .conversation(account, touser)
    .messages.filter(({ from }) => from === 'service')
    .map(({ message }) => message);
}

const typesReceived = () => received('official').map((message) => (message as { msgtype: string }).msgtype);

/** The user writes again, so that the window is whole for the next message. */
const say = () => emulator.world.say('official', touser, { MsgType: 'text', Content: 'more' });

describe('co-wechat-api, unmodified but for its address', () => {
  interface CoWeChatApi {
    prefix: string;
    sendText(openid: string, text: string): Promise<unknown>;
    sendImage(openid: string, mediaId: string): Promise<unknown>;
    sendCard(openid: string, cardId: string): Promise<unknown>;
    sendVoice(openid: string, mediaId: string): Promise<unknown>;
    sendVideo(openid: string, mediaId: string, thumbMediaId: string): Promise<unknown>;
    sendMusic(openid: string, music: object): Promise<unknown>;
    sendNews(openid: string, articles: object[]): Promise<unknown>;
    sendMpNews(openid: string, mediaId: string): Promise<unknown>;
    sendMiniProgram(openid: string, page: object): Promise<unknown>;
    sendTemplate(
      openid: string,
      id: string,
      url: string,
      color: string,
      data: object,
    ): Promise<{ msgid: unknown }>;
    sendSubscribeMessage(openid: string, id: string, page: string, data: object): Promise<unknown>;
    uploadMedia(file: Buffer, type: string, name: string, mime: string): Promise<{ media_id: string }>;
    getMedia(mediaId: string): Promise<Buffer>;
  }
  const API = require('co-wechat-api') as new (appid: string, secret: string) => CoWeChatApi;
  const client = (id: string, secret: string) => {
    const api = new API(id, secret);
    api.prefix = `${emulator.url}/gateway/cgi-bin/`;
    return api;
  };

  test('sends each type it has', async () => {
    const api = client('oa-server', secretTwo);
    const article = { title: 't', description: 'd', url: 'u', picurl: 'p' };
    const sends = [
      () => api.sendText(touser, 'hello 👨‍💻'),
      () => api.sendImage(touser, 'MEDIA_ID'),
      () => api.sendCard(touser, 'CARD'),
      () => api.sendVoice(touser, 'MEDIA_ID'),
      () => api.sendVideo(touser, 'MEDIA_ID', 'THUMB_MEDIA_ID'),
      () =>
        api.sendMusic(touser, {
          title: 't',
          description: 'd',
          musicurl: 'u',
          hqmusicurl: 'h',
          thumb_media_id: 'THUMB_MEDIA_ID',
        }),
      () => api.sendNews(touser, [article]),
      () => api.sendMpNews(touser, 'MEDIA_ID'),
      () =>
        api.sendMiniProgram(touser, {
          title: 't',
          appid: 'wx1',
          pagepath: 'pages/a',
          thumb_media_id: 'THUMB_MEDIA_ID',
        }),
    ];
    for (const send of sends) {
      say();
      expect(await send()).toMatchObject({ errcode: 0 });
    }
    expect(typesReceived()).toEqual([
      'text',
      'image',
      'wxcard',
      'voice',
      'video',
      'music',
      'news',
      'mpnews',
      'miniprogrampage',
    ]);
  });

  test('uploads media and gets it back, sends templates and subscribe messages, and renews a spent token by itself', async () => {
    const api = client('oa-server', secretTwo);
    const { media_id: mediaId } = await api.uploadMedia(samplePng, 'image', 'a.png', 'image/png');
    expect(await api.getMedia(mediaId)).toEqual(samplePng);
    const data = { User: { value: '黄先生', color: '#173177' }, CardNumber: { value: '0426' } };
    const { msgid } = await api.sendTemplate(
      touser,
      'ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY',
      'http://u',
      '#FF0000',
      data,
    );
    expect(String(msgid)).toBe('2400000000000000001');
    emulator.clock.advance(2 * 60 * 60 * 1000 + 1000);
    expect(await api.sendText(touser, 'still here')).toMatchObject({ errcode: 0 });

    const mini = client('mini-server', secretOne);
    const values = {
      thing1: { value: '一件商品' },
      time2: { value: '15:01' },
      amount3: { value: '¥12.5' },
      character_string4: { value: 'A-1' },
    };
    expect(await mini.sendSubscribeMessage(touser, 'ORDER_TEMPLATE', 'pages/a', values)).toMatchObject({
      errcode: 0,
    });
  });

  test('throws what WeChat would have it throw', async () => {
    const api = client('mini-server', secretOne);
    emulator.clock.advance(48 * 60 * 60 * 1000);
    await expect(api.sendText(touser, 'late')).rejects.toMatchObject({ code: 45015 });
  });
});

describe('node-easywechat, unmodified but for its address', () => {
  interface EasyClient {
    postJson(url: string, data: object): Promise<{ toObject(): Record<string, unknown> }>;
    get(
      url: string,
      options: object,
    ): Promise<{ toObject(): Record<string, unknown>; getContent?(): unknown }>;
  }
  const { OfficialAccount } = require('node-easywechat') as {
    OfficialAccount: new (
      config: object,
    ) => {
      getClient(): EasyClient;
      getAccessToken(): { getToken(): Promise<string> };
      setCache(cache: { [step: string]: (key: string, value?: unknown) => Promise<unknown> }): void;
    };
  };

  test('fetches a token and sends messages, typing signs and templates', async () => {
    const app = new OfficialAccount({
      app_id: 'oa-server',
      secret: secretTwo,
      use_stable_access_token: true,
      http: { baseURL: `${emulator.url}/gateway/`, throw: false },
    });
    // Its own cache would leave a file behind.
    const cached = new Map<string, unknown>();
    app.setCache({
      get: async (key) => cached.get(key),
      set: async (key, value) => cached.set(key, value) instanceof Map,
      has: async (key) => cached.has(key),
      delete: async (key) => cached.delete(key),
    });
    const client = app.getClient();
    const post = async (url: string, data: object) => (await client.postJson(url, data)).toObject();
    const menu = { head_content: '满意吗?', list: [{ id: '1', content: '满意' }], tail_content: '谢谢' };
    expect(
      await post('cgi-bin/message/custom/send', { touser, msgtype: 'msgmenu', msgmenu: menu }),
    ).toMatchObject({ errcode: 0 });
    expect(await post('cgi-bin/message/custom/typing', { touser, command: 'Typing' })).toMatchObject({
      errcode: 0,
    });
    expect(await post('cgi-bin/message/custom/send', { ...hi, text: { content: '您好 🎉' } })).toMatchObject({
      errcode: 0,
    });
    expect(
      await post('cgi-bin/message/custom/send', {
        touser,
        msgtype: 'mpnewsarticle',
        mpnewsarticle: { article_id: 'A' },
      }),
    ).toMatchObject({ errcode: 0 });
    expect(
      await post('cgi-bin/message/template/send', {
        touser,
        template_id: 'TM00015',
        data: { withdrawMoney: { value: '1.00' } },
      }),
    ).toMatchObject({ errcode: 0, errmsg: 'ok' });
    expect(await post('cgi-bin/message/custom/send', { touser, msgtype: 'text', text: {} })).toMatchObject({
      errcode: 44004,
    });
    expect(received('official')).toHaveLength(4);
  });
});

describe('messaging-api-wechat, by its option `origin`', () => {
  interface Client {
    sendText(openid: string, text: string): Promise<unknown>;
    sendImage(openid: string, mediaId: string): Promise<unknown>;
    sendVoice(openid: string, mediaId: string): Promise<unknown>;
    sendNews(openid: string, news: object): Promise<unknown>;
    sendMiniProgramPage(openid: string, page: object): Promise<unknown>;
  }
  const { WechatClient } = require('messaging-api-wechat') as {
    WechatClient: { connect(config: object): Client };
  };

  test('sends each type it has, and throws what WeChat would have it throw', async () => {
    const client = WechatClient.connect({
      appId: 'oa-server',
      appSecret: secretTwo,
      origin: `${emulator.url}/gateway`,
    });
    const article = { title: 't', description: 'd', url: 'u', picurl: 'p' };
    const page = { title: 't', appid: 'wx1', pagepath: 'pages/a', thumb_media_id: 'THUMB_MEDIA_ID' };
    await client.sendText(touser, '您好 🎉');
    await client.sendImage(touser, 'MEDIA_ID');
    await client.sendVoice(touser, 'MEDIA_ID');
    await client.sendNews(touser, { articles: [article] });
    say();
    await client.sendMiniProgramPage(touser, page);
    expect(typesReceived()).toEqual(['text', 'image', 'voice', 'news', 'miniprogrampage']);
    await expect(client.sendText('oNobody', 'x')).rejects.toThrow('WeChat API - 40003');
  });
});

describe('wechat-api, by its property `endpoint`', () => {
  type Back = (error: unknown, answer?: unknown) => void;
  interface Api {
    endpoint: string;
    sendText(openid: string, text: string, back: Back): void;
    sendVideo(openid: string, mediaId: string, thumbMediaId: string, back: Back): void;
    sendTemplate(openid: string, id: string, url: string, data: object, back: Back): void;
    uploadMedia(file: string, type: string, back: Back): void;
    getMedia(mediaId: string, back: Back): void;
  }
  const API = require('wechat-api') as new (appid: string, secret: string) => Api;

  test('sends, uploads and fetches media, and renews a spent token by itself', async () => {
    const api = new API('oa-server', secretTwo);
    api.endpoint = `${emulator.url}/gateway`;
    const run = <T>(call: (back: Back) => void) => promisify(call)() as Promise<T>;
    expect(await run((back) => api.sendText(touser, 'hello', back))).toMatchObject({ errcode: 0 });
    expect(await run((back) => api.sendVideo(touser, 'MEDIA_ID', 'THUMB_MEDIA_ID', back))).toMatchObject({
      errcode: 0,
    });
    const data = { withdrawMoney: { value: '1.00', color: '' } };
    expect(await run((back) => api.sendTemplate(touser, 'TM00015', 'http://u', data, back))).toMatchObject({
      errcode: 0,
    });
    const { media_id: mediaId } = await run<{ media_id: string }>((back) =>
      api.uploadMedia(picture, 'image', back),
    );
    expect(await run((back) => api.getMedia(mediaId, back))).toEqual(await readFile(picture));
    await expect(run((back) => api.sendText('oNobody', 'x', back))).rejects.toMatchObject({ code: 40003 });
    expect(typesReceived()).toEqual(['text', 'video']);
  });
});

describe('tnwx, by a delegate for its requests', () => {
  interface Kit {
    httpGet(url: string, options?: object): Promise<unknown>;
    httpPost(url: string, data: string, options?: object): Promise<unknown>;
  }
  interface CustomService {
    sendText(openid: string, text: string): Promise<unknown>;
    sendVideo(openid: string, mediaId: string, title: string, description: string): Promise<unknown>;
    sendMenu(openid: string, head: string, list: object[], tail: string): Promise<unknown>;
    sendTyping(openid: string, command: string): Promise<unknown>;
  }
  const tnwx = require('tnwx') as {
    AxiosHttpKit: new () => Kit;
    HttpKit: { setHttpDelegate: Kit };
    ApiConfig: new (appid: string, secret: string, token: string) => object;
    ApiConfigKit: { putApiConfig(config: object): void; setCurrentAppId(appid: string): void };
    CustomServiceApi: CustomService;
    ChatCommand?: object;
  };

  test('sends texts, menus and typing signs, and a video without a thumb gets past the gateway', async () => {
    const moved = (url: string) => url.replace('https://api.weixin.qq.com', `${emulator.url}/gateway`);
    class Delegate extends tnwx.AxiosHttpKit {
      override httpGet(url: string, options?: object) {
        return super.httpGet(moved(url), options);
      }
      override httpPost(url: string, data: string, options?: object) {
        return super.httpPost(moved(url), data, options);
      }
    }
    tnwx.HttpKit.setHttpDelegate = new Delegate();
    tnwx.ApiConfigKit.putApiConfig(new tnwx.ApiConfig('oa-server', secretTwo, 'token'));
    tnwx.ApiConfigKit.setCurrentAppId('oa-server');
    const { CustomServiceApi: service } = tnwx;
    expect(await service.sendText(touser, '您好')).toMatchObject({ errcode: 0 });
    expect(await service.sendMenu(touser, '满意吗?', [{ id: '1', content: '满意' }], '谢谢')).toMatchObject({
      errcode: 0,
    });
    expect(await service.sendTyping(touser, 'Typing')).toMatchObject({ errcode: 0 });
    emulator.faults.put([{ api: '/cgi-bin/message/custom/send', errcode: 0 }]);
    expect(await service.sendVideo(touser, 'MEDIA_ID', 't', 'd')).toMatchObject({ errcode: 0 });
    expect(received('official').at(-1)).toEqual({
      touser,
      msgtype: 'video',
      video: { media_id: 'MEDIA_ID', title: 't', description: 'd' },
    });
  });
});

describe('wechat-toolkit, which fixes the host, by the lines of docs/gateway.md that move it', () => {
  type Back = (...answer: unknown[]) => void;
  interface Toolkit {
    getAccessToken(appid: string, secret: string, back: Back): void;
    csReplyText(token: string, openid: string, text: string, back: Back): void;
    csReplyNews(token: string, openid: string, news: object[], back: Back): void;
    sendTemplateMessage(message: object, back: Back): void;
    uploadMedia(token: string, type: string, file: string, back: Back): void;
    downloadMedia(token: string, mediaId: string, back: Back): void;
  }
  const original = https.request;
  afterAll(() => {
    https.request = original;
  });

  test.each(['docs/gateway.md', 'docs/gateway.zh-CN.md'])('as %s has them', async (file) => {
    const text = await readFile(file, 'utf8');
    const lines = /```js\n\/\/ kefu-route\.js\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
    https.request = original;
    const modules: { [name: string]: unknown } = { 'node:http': http, 'node:https': https };
    const environment = { env: { KEFU_GATEWAY: `${emulator.url}/gateway` } };
    new Function('require', 'process', lines)((name: string) => modules[name], environment);

    const toolkit = require('wechat-toolkit') as Toolkit;
    const run = (call: (back: Back) => void) =>
      new Promise<unknown[]>((resolve) => call((...answer) => resolve(answer)));
    const [failed, token] = await run((back) => toolkit.getAccessToken('oa-server', secretTwo, back));
    expect(failed).toBeNull();
    const access = String(token);
    expect(await run((back) => toolkit.csReplyText(access, touser, '您好', back))).toEqual([null, 0, 'ok']);
    const news = [{ title: 't', description: 'd', url: 'u', picUrl: 'p' }];
    expect(await run((back) => toolkit.csReplyNews(access, touser, news, back))).toEqual([null, 0, 'ok']);
    const notice = {
      access_token: access,
      fan_open_id: touser,
      template_id: 'TM00015',
      url: '',
      top_color: '#ffffff',
      data: { withdrawMoney: { value: '1.00' } },
    };
    expect(await run((back) => toolkit.sendTemplateMessage(notice, back))).toEqual([null, 0, 'ok']);
    expect(typesReceived()).toEqual(['text', 'news']);
    const [, , mediaId] = await run((back) => toolkit.uploadMedia(access, 'image', picture, back));
    expect(mediaId).toEqual(expect.any(String));
  });
});
