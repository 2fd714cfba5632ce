import { defaultOpenid } from '../emulator/emulator';
import type { Story, StoryStep } from '../emulator/story';
import { type Account, accounts } from '../shared/wechat/account';
import { messageExamples } from '../shared/wechat/messages/message-examples';
import { messageTypeNames, messageTypes } from '../shared/wechat/messages/message-types';

/** Where the story that sends every message type stands; `npm run docs` writes it from the tables. */
export const everyMessageFile = 'emulator/stories/every-message.json';

/** The messages beside the reply window: a template of the official account, a subscribe message of the mini program. */
const notices = [
  {
    name: 'kefu-template-send',
    data: {
      template_id: 'TM00015',
      data: { withdrawMoney: { value: '128.00元' }, cardInfo: { value: '尾号 0426' } },
    },
  },
  {
    name: 'kefu-subscribe-send',
    data: {
      template_id: 'ORDER_TEMPLATE',
      data: {
        thing1: { value: '蓝牙耳机' },
        time2: { value: '2026年11月21日 15:01' },
        amount3: { value: '¥128.00' },
        character_string4: { value: 'SF-686539' },
      },
    },
  },
];

/** A story in which the usual user writes and gets every message type, of each account that may send it. */
export function everyMessage(): Story {
  return { story: 'Every message type', steps: [...accounts.flatMap(messagesOf), ...notices.map(call)] };
}

function messagesOf(account: Account): StoryStep[] {
  return messageTypeNames
    .filter((msgtype) => (messageTypes[msgtype].accounts as readonly Account[]).includes(account))
    .flatMap((msgtype) => [
      // Each act of the user is good for five messages only.
      {
        request: `POST /users/${defaultOpenid}/say?account=${account}`,
        body: { MsgType: 'text', Content: '你好' },
      },
      call({ name: 'kefu-send', data: { account, msgtype, [msgtype]: messageExamples[msgtype] } }),
    ]);
}

function call(body: { readonly name: string; readonly data: object }): StoryStep {
  return { request: 'POST /call', body, answer: { result: { errCode: 0 } } };
}
