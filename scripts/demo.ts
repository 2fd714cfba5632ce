import { isDeepStrictEqual, parseArgs } from 'node:util';
import { createEmulator, defaultOpenid, type Emulator } from '../emulator/emulator';
import type { Account } from '../shared/wechat/account';
import { messageExamples } from '../shared/wechat/messages/message-examples';
import {
  type MessageTypeName,
  messageTypeNames,
  messageTypes,
} from '../shared/wechat/messages/message-types';
import { buildEmulator } from './build-emulator';
import { buildFunctions } from './build-functions';
import { renderTable } from './table';

const usage = `Sends every message type through the built functions into a local WeChat and prints what arrived.

  npm run demo -- [options]

  --no-build       use what is built already
  --json           print the rows as JSON instead of a table
  --help           this text

Exits 0 when every message arrived as it was meant, 1 otherwise.`;

interface Row {
  readonly account: Account;
  readonly msgtype: string;
  readonly answer: string;
  readonly arrived: string;
  readonly ok: boolean;
}

export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      build: { type: 'boolean', default: true },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (values.build) await Promise.all([buildFunctions(), buildEmulator()]);
  const emulator = await createEmulator({ pushes: false });
  try {
    const rows: Row[] = [];
    for (const account of ['miniprogram', 'official'] as const) {
      for (const msgtype of messageTypeNames) {
        if ((messageTypes[msgtype].accounts as readonly Account[]).includes(account))
          rows.push(await sendOne(emulator, account, msgtype));
      }
    }
    rows.push(await sendNotice(emulator, 'official'), await sendNotice(emulator, 'miniprogram'));
    const failed = rows.filter(({ ok }) => !ok).length;
    console.log(values.json ? JSON.stringify(rows, null, 2) : table(rows));
    if (!values.json)
      console.log(`\n${rows.length - failed} of ${rows.length} messages arrived as they were meant.`);
    return failed === 0 ? 0 : 1;
  } finally {
    await emulator.close();
  }
}

/** Sends one example as the user itself and looks at what then stands on the user's screen. */
async function sendOne(emulator: Emulator, account: Account, msgtype: MessageTypeName): Promise<Row> {
  // Each act of the user is good for five messages only.
  emulator.world.say(account, defaultOpenid, { MsgType: 'text', Content: '你好' });
  const event = { account, msgtype, [msgtype]: messageExamples[msgtype] };
  const invoked = await emulator.call({
    name: 'kefu-send',
    data: event,
    source: 'wx_client',
    openid: defaultOpenid,
  });
  const answer = invoked.ok ? JSON.stringify(invoked.result) : invoked.errMsg;
  const last = emulator.world.conversation(account, defaultOpenid).messages.at(-1);
  const body = last?.from === 'service' ? last.message[msgtype] : undefined;
  const ok = isDeepStrictEqual(body, messageExamples[msgtype]);
  return { account, msgtype, answer, arrived: body === undefined ? '—' : JSON.stringify(body), ok };
}

/** The messages beside the reply window: a template of the official account, a subscribe message of the mini program. */
const notices = {
  official: {
    name: 'kefu-template-send',
    msgtype: 'template',
    event: {
      template_id: 'TM00015',
      data: { withdrawMoney: { value: '128.00元' }, cardInfo: { value: '尾号 0426' } },
    },
  },
  miniprogram: {
    name: 'kefu-subscribe-send',
    msgtype: 'subscribe',
    event: {
      template_id: 'ORDER_TEMPLATE',
      data: {
        thing1: { value: '蓝牙耳机' },
        time2: { value: '2026年11月21日 15:01' },
        amount3: { value: '¥128.00' },
        character_string4: { value: 'SF-686539' },
      },
    },
  },
} as const;

async function sendNotice(emulator: Emulator, account: Account): Promise<Row> {
  const { name, msgtype, event } = notices[account];
  const invoked = await emulator.call({ name, data: event, source: 'wx_client', openid: defaultOpenid });
  const answer = invoked.ok ? JSON.stringify(invoked.result) : invoked.errMsg;
  const last = emulator.world.conversation(account, defaultOpenid).messages.at(-1);
  const data = last?.msgtype === msgtype ? last.message['data'] : undefined;
  const arrived = data === undefined ? '—' : JSON.stringify(data);
  return { account, msgtype, answer, arrived, ok: isDeepStrictEqual(data, event.data) };
}

function table(rows: readonly Row[]): string {
  const header = ['account', 'msgtype', '', 'what arrived on the phone (HTTPS spelling)'];
  const cells = rows.map(({ account, msgtype, ok, arrived, answer }) => [
    account,
    msgtype,
    ok ? 'ok' : 'FAILED',
    cut(ok ? arrived : answer, 90),
  ]);
  return renderTable(header, cells);
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
