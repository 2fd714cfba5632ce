import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  test as testHere,
} from '@jest/globals';
import { createEmulator, type Emulator } from '../../../emulator/emulator';
import { hasTemplateCompiler, type OpenPage } from '../../../emulator/phone/mini-program';
import { type DeskPhone, type DeskPhoneOptions, openDeskPhone } from './phone';

/** The desk's pages, built, drawn by WeChat's own runtime, with the real kefu-desk behind them. */

const test = hasTemplateCompiler ? testHere : testHere.skip;

const customer = 'oCustomer0000000000000000001';
const lin = 'oOPERATOR-lin';
const wang = 'oOPERATOR-wang';

let emulator: Emulator;
let open: OpenPage[] = [];

beforeAll(async () => {
  emulator = await createEmulator({
    variables: { KEFU_OPERATORS: `${lin},${wang}`, KEFU_HISTORY_DAYS: '30' },
  });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());
afterEach(async () => {
  for (const page of open) await page.run('onUnload');
  for (const page of open) page.close();
  open = [];
});

async function says(push: object, openid = customer, account = 'miniprogram'): Promise<void> {
  const answer = await fetch(`${emulator.url}/_emulator/users/${openid}/say?account=${account}`, {
    method: 'POST',
    body: JSON.stringify(push),
  });
  expect(answer.status).toBe(200);
}
/** What users send by hand on a phone only. */
async function pushes(push: object): Promise<void> {
  const answer = await fetch(`${emulator.url}/_emulator/users/${customer}/push?account=miniprogram`, {
    method: 'POST',
    body: JSON.stringify(push),
  });
  expect(answer.status).toBe(200);
}
const asksForPerson = (account = 'miniprogram') =>
  says({ MsgType: 'text', Content: '人工' }, customer, account);

const received = () =>
  emulator.world
    .conversation('miniprogram', customer)
    .messages.flatMap(({ from, message }) => (from === 'service' ? [message] : []));

const phoneOf = (options: Partial<DeskPhoneOptions> = {}) =>
  openDeskPhone(emulator, { openid: lin, ...options });

async function openPage(phone: DeskPhone, page: string, query: { [name: string]: string } = {}) {
  const opened = await phone.program.open(page, query);
  open.push(opened);
  return opened;
}
const openList = (phone: DeskPhone) => openPage(phone, 'desk/list/list');

interface Row {
  readonly id: string;
  readonly unread: number;
  readonly waiting: string;
  readonly state: string;
  readonly agent: string;
}
const rowsOf = (list: OpenPage) => list.data['rows'] as Row[];

async function idOf(list: OpenPage): Promise<string> {
  await list.until(() => rowsOf(list).length > 0);
  return rowsOf(list)[0]?.id ?? '';
}

/** A thread on a page of its own, as on a phone: the list behind it is not on the screen. */
async function openThread(phone: DeskPhone) {
  const list = await openList(phone);
  await list.tap('.filter', 5);
  const id = await idOf(list);
  await list.run('onHide');
  const thread = await openPage(phone, 'desk/thread/thread', { id });
  await thread.until(() => thread.has('.said'));
  return { list, thread, id };
}

async function claim(phone: DeskPhone) {
  const opened = await openThread(phone);
  await opened.thread.until(() => opened.thread.has('.claim'));
  await opened.thread.tap('.claim');
  await opened.thread.until(() => opened.thread.has('.hand-on'));
  return opened;
}

async function say(thread: OpenPage, text: string) {
  await thread.input('.draft', text);
  await thread.tap('.send');
}

const hintOf = (thread: OpenPage) => (thread.has('.desk-hint') ? thread.text('.desk-hint') : '');
const draftOf = (thread: OpenPage) => thread.attributes('.draft')['value'];

const tapBubble = (thread: OpenPage, kind: string) => thread.tap(`.kind-${kind}`);

describe('the list', () => {
  test('begins with who waits, counts the time up, and says all of it to a screen reader', async () => {
    await asksForPerson();
    const phone = phoneOf();
    const list = await openList(phone);
    await idOf(list);
    expect(rowsOf(list)).toMatchObject([{ state: 'waiting', unread: 1 }]);
    const before = list.text('.waiting');
    await list.until(() => list.text('.waiting') !== before);
    expect(String(list.attributes('.desk-item')['ariaLabel'])).toMatch(
      /^用户 000001 等待人工 已等待 0:\d\d 1 条未读 人工 /,
    );
    expect(phone.last('title')).toEqual({ title: '客服台' });
  });

  test('shows what is new within two seconds and a call', async () => {
    const list = await openList(phoneOf());
    await list.until(() => list.data['isEmpty'] === true);
    await asksForPerson();
    const askedAt = Date.now();
    await list.until(() => rowsOf(list).length === 1);
    // Two seconds between the questions; the rest is the functions' own time on a busy machine.
    expect(Date.now() - askedAt).toBeLessThan(5000);
  });

  test('has a tab a state, and finds by words', async () => {
    await says({ MsgType: 'text', Content: '在吗' }, 'oCustomer0000000000000000002');
    await asksForPerson();
    const list = await openList(phoneOf());
    await idOf(list);
    await list.tap('.filter', 5);
    await list.until(() => rowsOf(list).length === 2);
    await list.event('.t-search__input-box .t-input__keyword', 'input', { value: '000002' });
    await list.until(() => rowsOf(list).length === 1);
    expect(list.text('.desk-item')).toContain('000002');
    await list.tap('.filter', 1);
    await list.until(() => rowsOf(list).length === 0);
  });

  test('shows nothing to one who is no operator, and says why', async () => {
    await asksForPerson();
    const list = await openList(phoneOf({ openid: 'oSomebodyElse000000000000001' }));
    await list.until(() => list.has('#refused'));
    expect(list.text('#refused')).toContain('KEFU_OPERATORS');
    expect(rowsOf(list)).toEqual([]);
  });

  test('stands beside the conversation in a wide window, and before it in a narrow one', async () => {
    await asksForPerson();
    const phone = phoneOf({ width: 1200 });
    const list = await openList(phone);
    const id = await idOf(list);
    await list.tap('.desk-item');
    await list.until(() => list.has('.said'));
    expect(phone.program.navigations).toEqual([]);
    expect(rowsOf(list)[0]).toMatchObject({ isChosen: true });
    await list.run('onResize', { size: { windowWidth: 400, windowHeight: 800 } });
    expect(phone.program.navigations).toEqual([`/desk/thread/thread?id=${id}`]);
    expect(list.has('.said')).toBe(false);
  });

  test('asks for the permission to tell of who waits, where a template is set, and not where none is', async () => {
    expect((await openList(phoneOf())).has('#notify')).toBe(false);
    const phone = phoneOf({ waitingTemplate: 'TEMPLATE' });
    const list = await openList(phone);
    await list.until(() => list.has('#notify'));
    await list.tap('#notify');
    await list.until(() => phone.last('toast') !== undefined);
    expect(phone.last('permission')).toEqual(['TEMPLATE']);
    expect(phone.last('toast')).toMatchObject({ title: '已授权，可接收一条通知' });
    phone.answers.permission = 'reject';
    await list.tap('#notify');
    await list.until(() => JSON.stringify(phone.last('toast')).includes('未授权'));
  });

  test('speaks English on an English phone', async () => {
    await asksForPerson();
    const phone = phoneOf({ language: 'en_US' });
    const list = await openList(phone);
    await idOf(list);
    expect(list.text()).toContain('Waits 0:');
    expect(list.text()).not.toMatch(/等待|小程序/);
    expect(phone.last('title')).toEqual({ title: 'Desk' });
  });
});

describe('a conversation', () => {
  test('is taken by one of two, and the other is told who', async () => {
    await asksForPerson();
    const [one, two] = [phoneOf(), phoneOf({ openid: wang })];
    const first = await openThread(one);
    const second = await openThread(two);
    await Promise.all([first.thread.tap('.claim'), second.thread.tap('.claim')]);
    const has = (thread: OpenPage) => thread.has('.hand-on');
    await first.thread.until(() => has(first.thread) || has(second.thread));
    const [loser, page] = has(first.thread) ? [two, second.thread] : [one, first.thread];
    await page.until(() => hintOf(page).includes('正在由同事接待'));
    expect(page.has('.claim')).toBe(false);
    await page.until(() => JSON.stringify(loser.last('toast') ?? '').includes('会话已由同事接入'));
    expect([has(first.thread), has(second.thread)].filter(Boolean)).toHaveLength(1);
  });

  test('is answered with text, which the user gets once and as it was written', async () => {
    await asksForPerson();
    const phone = phoneOf();
    const { thread } = await claim(phone);
    const before = received().length;
    await say(thread, '第一行\n👨‍💻');
    expect(thread.text('.said.of-ours')).toContain('👨‍💻');
    await thread.until(() => !thread.text().includes('发送中') && received().length > before);
    expect(received().at(-1)).toMatchObject({ msgtype: 'text', text: { content: '第一行\n👨‍💻' } });
    expect(thread.text('.window')).toMatch(/^还可发送 \d · 47:5\d:\d\d$/);
    await says({ MsgType: 'text', Content: '好的，谢谢' });
    await thread.until(() => thread.text().includes('好的，谢谢'));
  });

  test('shows pictures, plays voice, opens places, and knows who said what', async () => {
    await asksForPerson();
    await says({ MsgType: 'image', MediaId: 'MEDIA_ID' });
    await pushes({ MsgType: 'voice', MediaId: 'MEDIA_ID', Format: 'amr', Recognition: '退款怎么办' });
    await pushes({ MsgType: 'location', Location_X: 23.1, Location_Y: 113.3, Scale: 15, Label: '广州塔' });
    const phone = phoneOf();
    const { thread } = await claim(phone);
    await thread.until(() => thread.has('.desk-picture') && thread.has('.voice') && thread.has('.location'));
    const source = String(thread.attributes('.desk-picture')['src']);
    expect(source).toMatch(/^(?:cloud|https?):\/\//);
    await tapBubble(thread, 'image');
    expect(phone.last('preview')).toEqual({ urls: [source] });
    expect(thread.text('.voice')).toContain('退款怎么办');
    await tapBubble(thread, 'voice');
    expect(String(phone.last('play'))).toMatch(/^cloud:\/\//);
    expect(thread.text('.voice')).toContain('停止');
    await tapBubble(thread, 'location');
    expect(phone.last('location')).toEqual({ latitude: 23.1, longitude: 113.3, name: '广州塔' });
    expect(thread.text('.who')).toMatch(/^用户 \d/);
    expect(thread.text('.event')).toContain('请求人工');
  });

  test('has its older messages when they are asked for, and stays where it is then', async () => {
    for (let count = 1; count <= 30; count += 1) await pushes({ MsgType: 'text', Content: `第 ${count} 句` });
    const { thread } = await openThread(phoneOf());
    await thread.until(() => thread.has('.older'));
    expect(thread.text()).not.toContain('第 1 句');
    const last = thread.attributes('.messages')['scrollIntoView'];
    await thread.tap('.older');
    await thread.until(() => thread.text().includes('第 1 句'));
    expect(thread.attributes('.messages')['scrollIntoView']).toBe(last);
  });

  test('is answered with a picture of the phone, and says what cannot be sent', async () => {
    await asksForPerson();
    const phone = phoneOf();
    const { thread } = await claim(phone);
    await thread.tap('.picture-button');
    await thread.until(() => received().some(({ msgtype }) => msgtype === 'image'));
    await thread.until(() => thread.has('.of-ours .desk-picture') || thread.has('.said.of-ours'));
    phone.answers.file = '/tmp/sound.mp3';
    await thread.tap('.file-button');
    await thread.until(() => phone.last('toast') !== undefined);
    expect(phone.last('toast')).toMatchObject({ title: '该账号不能发送这种文件，请选择图片' });
    phone.answers.file = '';
    await thread.tap('.picture-button');
    expect(thread.data).toBeDefined();
  });

  test('has notes that colleagues see and the user does not', async () => {
    await asksForPerson();
    const { thread } = await claim(phoneOf());
    const before = received().length;
    await thread.tap('.mode');
    await say(thread, '老客户，优先处理');
    await thread.until(() => thread.has('.said.of-note'));
    expect(draftOf(thread)).toBe('');
    const colleague = await openThread(phoneOf({ openid: wang }));
    await colleague.thread.until(() => colleague.thread.has('.said.of-note'));
    expect(colleague.thread.text('.said.of-note')).toContain('老客户，优先处理');
    expect(received()).toHaveLength(before);
  });

  test('is handed on to a colleague by name, and goes back to the bot', async () => {
    await asksForPerson();
    const colleague = phoneOf({ openid: wang });
    const names = await openPage(colleague, 'desk/canned/canned');
    await names.input('#name', '王');
    await names.tap('#save-name');
    await names.until(() => colleague.last('toast') !== undefined);
    const phone = phoneOf();
    const { thread } = await claim(phone);
    await thread.tap('.hand-on');
    await thread.until(() => thread.has('.colleague'));
    expect(thread.text('.colleague')).toMatch(/^王(?:在线|离开)/);
    await thread.tap('.colleague');
    await thread.until(() => hintOf(thread).includes('正在由同事接待：王'));
    expect(thread.has('.hand-on')).toBe(false);
    const other = await openThread(colleague);
    await other.thread.until(() => other.thread.has('.to-bot'));
    await other.thread.tap('.to-bot');
    await other.thread.until(() => other.thread.has('.claim'));
    expect(other.thread.text('.head')).toContain('机器人');
  });

  test('is closed, or not when the operator thinks better of it', async () => {
    await asksForPerson();
    const phone = phoneOf();
    const { thread } = await claim(phone);
    phone.answers.sheet = -1;
    await thread.tap('.close');
    await thread.until(() => phone.last('sheet') !== undefined);
    // A mini program has no menu to ask with.
    expect(phone.last('sheet')).toEqual({ itemList: ['结束会话'] });
    expect(thread.has('.hand-on')).toBe(true);
    phone.answers.sheet = 0;
    await thread.tap('.close');
    await thread.until(() => thread.text('.head').includes('已结束'));
  });

  test('of an official account is closed with the question how it was', async () => {
    await asksForPerson('official');
    const phone = phoneOf();
    const { thread } = await claim(phone);
    phone.answers.sheet = 1;
    await thread.tap('.close');
    await thread.until(() => thread.text('.head').includes('已结束'));
    expect(phone.last('sheet')).toEqual({ itemList: ['结束会话', '结束并询问满意度'] });
    await thread.until(() => thread.has('.menu'));
    expect(thread.text('.menu')).toContain('满意');
  });

  test('says what is left of the window, and that it is over', async () => {
    await asksForPerson();
    const { thread } = await claim(phoneOf());
    const before = thread.text('.window');
    await thread.until(() => thread.text('.window') !== before);
    emulator.clock.advance(48 * 60 * 60 * 1000);
    await thread.until(() => hintOf(thread).includes('不在回复时限内'));
    expect(thread.has('.window')).toBe(false);
  });

  test('keeps what failed, and sends it again once when the user has written again', async () => {
    await asksForPerson();
    const { thread } = await claim(phoneOf());
    emulator.faults.put([{ api: 'customerServiceMessage.send', errcode: 45015, times: 1 }]);
    const before = received().length;
    await say(thread, '再试一次');
    // What was kept before it left may be read for a moment still, as being sent.
    await thread.until(() => thread.has('.status .again') && thread.text('.status').includes('发送失败'));
    expect(received()).toHaveLength(before);
    await thread.tap('.status .again');
    await thread.tap('.status .again').catch(() => undefined);
    await thread.until(() => received().length > before);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(received().slice(before)).toMatchObject([{ text: { content: '再试一次' } }]);
  });

  test('says that the network is gone, loses nothing, and mends itself', async () => {
    await asksForPerson();
    const phone = phoneOf();
    const { thread } = await claim(phone);
    const before = received().length;
    phone.network.isUp = false;
    await say(thread, '在吗？我查到了');
    await thread.until(() => thread.has('.status .again') && thread.has('.banner'));
    expect(thread.text('.banner')).toContain('连接中断');
    await says({ MsgType: 'text', Content: '还在吗' });
    phone.reconnect();
    await thread.until(() => !thread.has('.banner') && thread.text().includes('还在吗'));
    await thread.tap('.status .again');
    await thread.until(() => received().length > before && !thread.has('.status .again'));
    expect(received().slice(before)).toMatchObject([{ text: { content: '在吗？我查到了' } }]);
  });

  test('keeps a draft a conversation, whatever becomes of the page', async () => {
    await asksForPerson();
    const phone = phoneOf();
    const { thread, id } = await openThread(phone);
    await thread.input('.draft', '写到一半');
    await thread.run('onUnload');
    const again = await openPage(phone, 'desk/thread/thread', { id });
    await again.until(() => draftOf(again) === '写到一半');
    phone.program.storage.set('kefu-desk-drafts', [{ id: 5 }, null]);
    phone.program.storage.set('kefu-desk-outgoing', { a: 'x', b: [null, { requestId: 1 }] });
    const last = await openPage(phone, 'desk/thread/thread', { id });
    await last.until(() => last.has('.said'));
    expect(draftOf(last)).toBe('');
  });
});

describe('canned answers', () => {
  test('are added, changed, put into an answer, and removed', async () => {
    await asksForPerson();
    const phone = phoneOf();
    const settings = await openPage(phone, 'desk/canned/canned');
    await settings.until(() => settings.data['isRead'] === true);
    await settings.input('#title', '问候');
    await settings.input('#text', '您好，请问有什么可以帮您？');
    await settings.tap('#save');
    await settings.until(() => settings.has('.edit'));
    await settings.tap('.edit');
    await settings.input('#text', '您好！');
    await settings.tap('#save');
    await settings.until(() => settings.text('.entry').includes('您好！'));
    const { thread } = await claim(phone);
    await thread.input('.draft', '王女士，');
    await thread.tap('.canned');
    await thread.until(() => thread.has('.insert'));
    await thread.tap('.insert');
    expect(draftOf(thread)).toBe('王女士，您好！');
    phone.answers.confirm = false;
    await settings.tap('.remove');
    phone.answers.confirm = true;
    expect(settings.has('.edit')).toBe(true);
    await settings.tap('.remove');
    await settings.until(() => !settings.has('.edit'));
  });
});

describe('the figures', () => {
  test('are drawn, said to a screen reader, and exported', async () => {
    await asksForPerson();
    const phone = phoneOf();
    const { thread } = await claim(phone);
    await say(thread, '您好');
    await thread.until(() => received().length > 0);
    const page = await openPage(phone, 'desk/stats/stats');
    await page.until(() => page.data['isRead'] === true && phone.drawn.size === 5);
    expect(page.has('#wrong')).toBe(false);
    await page.until(() => [...phone.drawn.values()].every((calls) => calls.length > 10));
    expect(phone.drawn.get('conversations')?.join()).toContain('fillText');
    expect(String(page.attributes('#conversations')['ariaLabel'])).toMatch(/^会话数: 会话数 \d+$/);
    await page.tap('#copy');
    const { data } = phone.last('clipboard') as { data: string };
    expect(data.split('\r\n')[0]).toBe(
      '\ufeff日期,会话数,首次响应（秒）,规则,代码,模型,人工,满意,一般,不满意,微信拒绝',
    );
    await page.tap('#export');
    expect(phone.last('file')).toMatchObject({ data, encoding: 'utf8' });
    const { filePath } = phone.last('file') as { filePath: string };
    expect(filePath).toMatch(/^wxfile:\/\/usr\/kefu-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv$/);
    expect(phone.last('document')).toMatchObject({ filePath });
    await page.tap('#days30');
    await page.until(() => page.data['span'] === 30 && page.data['isRead'] === true);
  });
});
