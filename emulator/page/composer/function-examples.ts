import type { Account } from '../../../shared/wechat/account';
import { messageExamples } from '../../../shared/wechat/messages/message-examples';
import {
  type MessageTypeName,
  messageTypeNames,
  messageTypes,
} from '../../../shared/wechat/messages/message-types';
import type { CallerName } from './callers';
import type { EventObject } from './event-text';

/** What an example is made for. */
export interface ExampleFor {
  readonly msgtype: MessageTypeName;
  /** A file that is in cloud storage. */
  readonly fileID: string;
  /** The user on the phone. */
  readonly openid: string;
  /** The mini program's. */
  readonly appid: string;
  /** A server that may use the gateway. */
  readonly gatewayClient: { readonly id: string; readonly secret: string };
}

interface FunctionExample {
  readonly example: (given: ExampleFor) => EventObject;
  /** Whether the event is a message, so that a type is chosen and both spellings exist. */
  readonly message?: true;
  /** The account that it is for, where there is but one. */
  readonly only?: Account;
  /** Whether the event may name the account and the user. */
  readonly account?: true;
  readonly touser?: true;
  /** Who it is for, the usual one first. Left out: a user, for itself. */
  readonly callers?: readonly [CallerName, ...CallerName[]];
  /** Whether it answers in the language that is asked for. */
  readonly lang?: false;
}

/** In seconds; a push that is sent again with the same name and time is a repeat, and nothing is done. */
const loadedAt = Math.floor(Date.now() / 1000);

/** Who may call a function that is for users: for itself, or for another. */
const everyone: readonly CallerName[] = ['user', 'operator', 'function', 'timer'];

/** Who a function is for, the usual one first. */
export function callersOf(name: string): readonly CallerName[] {
  return functionExample(name).callers ?? everyone;
}

/** An event to begin with for each function. A function that is not listed begins with an empty one. */
const functionExamples: { readonly [name: string]: FunctionExample } = {
  'kefu-send': {
    example: ({ msgtype }) => ({ msgtype, [msgtype]: messageExamples[msgtype] }),
    message: true,
    account: true,
    touser: true,
  },
  'kefu-typing': { example: () => ({ command: 'Typing' }), account: true, touser: true },
  'kefu-upload-media': { example: ({ fileID }) => ({ fileID, type: 'image' }), account: true },
  'kefu-get-media': { example: () => ({ mediaId: 'MEDIA_ID' }), account: true },
  'kefu-template-send': {
    example: () => ({
      template_id: 'ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY',
      url: 'https://example.com/card/0426',
      data: {
        User: { value: '黄先生', color: '#173177' },
        Date: { value: '06月07日 19时24分', color: '#173177' },
        CardNumber: { value: '0426', color: '#173177' },
        Type: { value: '消费', color: '#173177' },
        Money: { value: '人民币260.00元', color: '#173177' },
        DeadTime: { value: '06月07日19时24分', color: '#173177' },
        Left: { value: '6504.09', color: '#173177' },
      },
    }),
    only: 'official',
    touser: true,
  },
  'kefu-subscribe-send': {
    example: () => ({
      template_id: 'ORDER_TEMPLATE',
      page: 'pages/order/detail?id=1',
      data: {
        thing1: { value: '订单已发出' },
        time2: { value: '2026年11月21日 15:01' },
        amount3: { value: '¥26.00' },
        character_string4: { value: 'SF1002003004' },
      },
    }),
    only: 'miniprogram',
    touser: true,
  },
  'kefu-notify': {
    example: () => ({
      type: 'order-sent',
      data: { order: 'SF1002003004', goods: '蓝牙耳机', amount: '26.00', sentAt: '2026年11月21日 15:01' },
    }),
    only: 'miniprogram',
    touser: true,
    callers: ['function', 'operator', 'timer'],
  },
  'kefu-desk': { example: () => ({ action: 'list' }), callers: ['operator'] },
  'kefu-outbox': { example: () => ({}), callers: ['timer', 'operator'] },
  'kefu-answer': { example: () => ({}), callers: ['timer', 'function'] },
  'kefu-receive': {
    example: ({ openid, appid }) => ({
      ToUserName: appid,
      FromUserName: openid,
      CreateTime: loadedAt,
      MsgType: 'text',
      Content: '转人工',
      MsgId: String(loadedAt),
    }),
    only: 'miniprogram',
    callers: ['push'],
    lang: false,
  },
  'kefu-gateway': {
    example: ({ gatewayClient: { id, secret } }) => ({
      httpMethod: 'GET',
      path: '/cgi-bin/token',
      headers: {},
      queryStringParameters: { grant_type: 'client_credential', appid: id, secret },
      body: '',
      isBase64Encoded: false,
    }),
    callers: ['http'],
    lang: false,
  },
};

export function functionExample(name: string): FunctionExample {
  return Object.hasOwn(functionExamples, name)
    ? (functionExamples[name] as FunctionExample)
    : { example: () => ({}), lang: false };
}

/** The functions that the page has examples for, in their order. */
export const knownFunctions: readonly string[] = Object.keys(functionExamples);

/** The message types that an account may send, in table order. */
export function typesFor(account: Account): readonly MessageTypeName[] {
  return messageTypeNames.filter((name) =>
    (messageTypes[name].accounts as readonly Account[]).includes(account),
  );
}
