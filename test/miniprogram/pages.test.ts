import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test as testHere } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { hasTemplateCompiler, type MiniProgram, openMiniProgram } from '../../emulator/phone/mini-program';
import { clientRoot as root } from '../../scripts/build-client';
import {
  type MessageTypeName,
  messageTypeNames,
  messageTypes,
} from '../../shared/wechat/messages/message-types';
import { filesOf } from './files-of';

/** The demo's pages, built, drawn by WeChat's own runtime, with their calls going to the built functions. */

/** WeChat's template compiler runs on x64 and macOS only; elsewhere these tests are passed over. */
const test = hasTemplateCompiler ? testHere : testHere.skip;

const customer = 'oCustomer0000000000000000001';

let emulator: Emulator;
let demo: MiniProgram;
/** What the user chooses where a page asks for a picture. */
let chosen: string | undefined;

beforeAll(async () => {
  emulator = await createEmulator({ variables: { KEFU_OPERATORS: defaultOpenid } });
});
afterAll(() => emulator.close());
beforeEach(() => {
  emulator.reset();
  chosen = '/tmp/picture.png';
  if (hasTemplateCompiler) demo = openMiniProgram({ emulator, root, chooses: () => chosen });
});

const received = (openid: string = defaultOpenid) =>
  emulator.world
    .conversation('miniprogram', openid)
    .messages.flatMap(({ from, message }) => (from === 'service' ? [message] : []));

test('every page that app.json lists is there, and opens', async () => {
  // Those of the desk have tests of their own, with all that they use of the phone.
  const pages = demo.pages.filter((page) => page.startsWith('pages/'));
  expect(pages.map((page) => `${page}.js`).toSorted()).toEqual(
    filesOf(path.join(root), '.js')
      .filter((file) => file.startsWith('pages/'))
      .toSorted(),
  );
  for (const page of pages) {
    const opened = await demo.open(page);
    expect(opened.text().length).toBeGreaterThan(0);
    opened.close();
  }
});

describe('the contact page', () => {
  test('has the contact button, with what the conversation is told', async () => {
    const page = await demo.open('pages/contact/index');
    const attributes = page.attributes('#contact');
    expect(attributes).toMatchObject({ openType: 'contact', showMessageCard: true });
    expect(JSON.parse(String(attributes['sessionFrom']))).toEqual({ page: 'contact', order: '20240601' });
    expect(Buffer.byteLength(String(attributes['sessionFrom']))).toBeLessThanOrEqual(1000);
  });

  test('says where a card in the conversation led', async () => {
    const page = await demo.open('pages/contact/index');
    expect(page.has('#opened')).toBe(false);
    await page.event('#contact', 'contact', { path: 'pages/contact/index', query: { from: 'card' } });
    expect(page.text('#opened')).toContain('pages/contact/index{"from":"card"}');
  });

  test('says what is left of the reply window', async () => {
    const page = await demo.open('pages/contact/index');
    expect(page.text('#window')).toBe('不在回复时限内');
    await fetch(`${emulator.url}/_emulator/users/${defaultOpenid}/say`, {
      method: 'POST',
      body: JSON.stringify({ MsgType: 'text', Content: '在吗' }),
    });
    let shown = '';
    await page.until(async () => {
      await page.tap('#refresh');
      shown = page.text('#window');
      return shown !== '不在回复时限内';
    });
    expect(shown).toMatch(/^还可发送 [1-5] 条，4[78] 小时内有效$/);
  });
});

describe('the page of notices', () => {
  test('has the user’s own switch for each kind, which the notice then asks', async () => {
    const page = await demo.open('pages/notices/index');
    await page.until(() => page.has('.switch'));
    expect(page.text()).toContain('发货提醒');
    await page.event('.switch', 'change', { value: false });
    await page.until(() => (page.data['notices'] as { on: boolean }[])[0]?.on === false);
    const data = { order: 'KF20260001', goods: '一件商品', amount: '26.00', sentAt: '2026年11月21日 15:01' };
    const notify = () =>
      emulator.call({
        name: 'kefu-notify',
        data: { type: 'order-sent', touser: defaultOpenid, data },
        source: 'wx_client,scf',
        openid: defaultOpenid,
      });
    expect(await notify()).toMatchObject({ result: { errCode: 0, sent: 'none', on: false } });
    await page.event('.switch', 'change', { value: true });
    await page.until(() => (page.data['notices'] as { on: boolean }[])[0]?.on === true);
    expect(await notify()).toMatchObject({ result: { errCode: 0, sent: 'subscribe', on: true } });
  });
});

describe('the page that sends to oneself', () => {
  const open = () => demo.open('pages/send/index');
  type Opened = Awaited<ReturnType<typeof open>>;
  const sent = async (page: Opened) => {
    await page.tap('#send');
    await page.until(() => page.data['outcome'] !== '' && page.data['busy'] === false);
    return page.text('#outcome');
  };

  test('has the message types of a mini program, and none that it cannot send', async () => {
    const page = await open();
    const kinds = (page.data['kinds'] as { name: MessageTypeName }[]).map(({ name }) => name);
    const takesIt = (name: MessageTypeName) =>
      (messageTypes[name].accounts as readonly string[]).includes('miniprogram');
    expect(kinds.toSorted()).toEqual(['image', 'link', 'miniprogrampage', 'text']);
    expect(messageTypeNames.filter(takesIt)).toEqual(expect.arrayContaining(kinds));
  });

  test('sends a text as it was written', async () => {
    const page = await open();
    await page.input('.input', '第一行\n👨‍💻');
    expect(await sent(page)).toContain('已发送');
    expect(received()).toEqual([
      { touser: defaultOpenid, msgtype: 'text', text: { content: '第一行\n👨‍💻' } },
    ]);
  });

  test('sends a picture the user chose, by way of cloud storage', async () => {
    const page = await open();
    await page.tap('.tab', 1);
    expect(await sent(page)).toContain('请先选择图片');
    await page.tap('#choose');
    await page.until(() => page.has('.picture'));
    expect(await sent(page)).toContain('已发送');
    expect(received()).toMatchObject([{ msgtype: 'image' }]);
    const { media_id: mediaId } = (received()[0] as { image: { media_id: string } }).image;
    expect(emulator.world.media('miniprogram', mediaId)).toMatchObject({ contentType: 'image/png' });
  });

  test('sends a link and a card', async () => {
    const page = await open();
    await page.tap('.tab', 2);
    await page.input('.input', '新标题');
    expect(await sent(page)).toContain('已发送');
    await page.tap('.tab', 3);
    await page.tap('#choose');
    await page.until(() => page.has('.picture'));
    expect(await sent(page)).toContain('已发送');
    expect(received()).toMatchObject([
      { msgtype: 'link', link: { title: '新标题', thumb_url: 'https://example.com/parcel.png' } },
      { msgtype: 'miniprogrampage', miniprogrampage: { pagepath: 'pages/contact/index?from=card' } },
    ]);
  });

  test('says what is wrong, with the field', async () => {
    const page = await open();
    await page.input('.input', '');
    expect(await sent(page)).toMatch(/内容填写有误：text\.content .*（44004）/);
    expect(page.text('#outcome .hint')).not.toBe('');
  });

  test('says so when the window is shut', async () => {
    emulator.clock.advance(48 * 60 * 60 * 1000);
    const page = await open();
    expect(await sent(page)).toContain('不在回复时限内，请等待用户再次发来消息（45015）');
  });

  test('sends once, however often the button is tapped', async () => {
    const page = await open();
    await page.tap('#send');
    await page.tap('#send');
    page.run('onSend');
    await page.until(() => page.data['outcome'] !== '');
    expect(received()).toHaveLength(1);
  });

  test('goes on when the user chooses no picture', async () => {
    chosen = undefined;
    const page = await open();
    await page.tap('.tab', 1);
    await page.tap('#choose');
    await page.until(() => page.data['busy'] === false);
    expect(page.has('.picture')).toBe(false);
    expect(page.has('#outcome')).toBe(false);
  });
});

describe('the operator’s list', () => {
  const open = () => demo.open('pages/conversations/index');

  test('is empty at first, and keeps what was opened, newest first', async () => {
    const page = await open();
    expect(page.text()).toContain('还没有会话');
    for (const [openid, name] of [
      [customer, '小王'],
      [defaultOpenid, ''],
    ] as const) {
      await page.input('#openid', openid);
      await page.input('#name', name);
      await page.tap('#add');
      await page.until(() => page.data['openid'] === '' && demo.navigations.length > 0);
    }
    await page.until(() => demo.navigations.length === 2);
    expect(demo.navigations).toEqual([
      `/pages/conversation/index?openid=${customer}`,
      `/pages/conversation/index?openid=${defaultOpenid}`,
    ]);
    const again = await open();
    expect((again.data['list'] as { openid: string }[]).map(({ openid }) => openid)).toEqual([
      defaultOpenid,
      customer,
    ]);
    expect(again.text()).toContain('小王');

    await again.tap('.conversation', 1);
    expect(demo.navigations.at(-1)).toBe(`/pages/conversation/index?openid=${customer}`);
    await again.tap('.remove', 0);
    await again.until(() => (again.data['list'] as unknown[]).length === 1);
  });

  test('refuses what is no openid', async () => {
    const page = await open();
    await page.input('#openid', '小王');
    await page.tap('#add');
    expect(page.text('#wrong')).toContain('openid');
    expect(demo.navigations).toEqual([]);
  });

  test('reads nothing strange out of the phone’s storage', async () => {
    demo.storage.set('kefu-conversations', [{ openid: 5 }, 'x', null, { openid: customer, name: '', at: 1 }]);
    const page = await open();
    expect(page.data['list']).toEqual([{ openid: customer, name: '', at: 1 }]);
  });
});

describe('the operator’s conversation', () => {
  const open = () => demo.open('pages/conversation/index', { openid: customer });
  beforeEach(() => {
    emulator.world.say('miniprogram', customer, { MsgType: 'text', Content: '在吗?' });
  });

  test('counts what it sends off what is left of the window', async () => {
    await fetch(`${emulator.url}/_emulator/users/${customer}/push?account=miniprogram`, {
      method: 'POST',
      body: JSON.stringify({ MsgType: 'event', Event: 'user_enter_tempsession', SessionFrom: '' }),
    });
    await fetch(`${emulator.url}/_emulator/users/${customer}/push?account=miniprogram`, {
      method: 'POST',
      body: JSON.stringify({ MsgType: 'text', Content: '请问' }),
    });
    const page = await open();
    const left = () => Number(/(\d+) 条/.exec(page.text('#window'))?.[1]);
    await page.until(() => left() > 0);
    const before = left();
    for (const [index, text] of ['一', '二'].entries()) {
      await page.input('#draft', text);
      await page.tap('#send');
      await page.until(() => left() === before - index - 1);
    }
    expect(received(customer).slice(-2)).toMatchObject([
      { text: { content: '一' } },
      { text: { content: '二' } },
    ]);
  });

  test('answers the user with text, and remembers the conversation', async () => {
    const page = await open();
    await page.input('#draft', '在的，请讲');
    await page.tap('#send');
    await page.until(() => page.text().includes('已发送'));
    expect(received(customer)).toMatchObject([{ touser: customer, text: { content: '在的，请讲' } }]);
    expect(page.data['draft']).toBe('');
    const { list } = (await demo.open('pages/conversations/index')).data;
    expect(list).toMatchObject([{ openid: customer }]);
  });

  test('answers with a picture', async () => {
    const page = await open();
    await page.tap('#picture');
    await page.until(() => page.text().includes('已发送'));
    expect(received(customer)).toMatchObject([{ msgtype: 'image' }]);
  });

  test('shows the user that an answer is being written, and ends it', async () => {
    const page = await open();
    const typing = () => emulator.world.conversation('miniprogram', customer).typing;
    await page.event('#draft', 'focus');
    await page.until(typing);
    await page.event('#draft', 'blur');
    await page.until(() => !typing());
    await page.event('#draft', 'focus');
    await page.until(typing);
    await page.run('onUnload');
    await page.until(() => !typing());
  });

  test('gives the text back when it was not sent, and says why', async () => {
    emulator.clock.advance(48 * 60 * 60 * 1000);
    const page = await open();
    await page.input('#draft', '太迟了');
    await page.tap('#send');
    await page.until(() => page.has('.failed'));
    expect(page.data['draft']).toBe('太迟了');
    expect(page.text('.failed')).toContain('45015');
  });

  test('does not give the text back when it may have arrived', async () => {
    emulator.faults.put([{ api: 'customerServiceMessage.send', behaviour: 'cut', times: 1 }]);
    const page = await open();
    await page.input('#draft', '也许到了');
    await page.tap('#send');
    await page.until(() => page.has('.unknown'));
    expect(page.data['draft']).toBe('');
    expect(received(customer)).toHaveLength(1);
  });

  test('is refused to one who is no operator', async () => {
    demo = openMiniProgram({ emulator, root, openid: 'oSomebodyElse000000000000001' });
    const page = await open();
    await page.input('#draft', '你好');
    await page.tap('#send');
    await page.until(() => page.has('.failed'));
    expect(page.text('.failed')).toContain('KEFU_OPERATORS');
    expect(received(customer)).toEqual([]);
  });
});
