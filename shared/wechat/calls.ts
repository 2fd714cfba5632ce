import { type Account, accounts } from './account';

/**
 * The calls to WeChat that kefu-cloud makes, one row each: how HTTPS has it, how the cloud has it, what it needs.
 *
 * Sources: the page of each interface (2019 to 2026) and runs of wx-server-sdk 4.0.2.
 */

interface Call {
  readonly method: 'GET' | 'POST';
  /** The path at `api.weixin.qq.com`. */
  readonly path: string;
  /** The account kinds that have it by some way; the cloud offers it to fewer. */
  readonly accounts: readonly Account[];
  /** The name behind `cloud.openapi.`, by account kind; also the permission to list in `config.json`. */
  readonly cloud: { readonly [K in Account]?: string };
  /** Whether the SDK is let convert keys. Off where keys are user data (a template's `data`). */
  readonly convertCase: boolean;
  /** Whether a second call does no harm. WeChat's sends have no idempotency key, so theirs does. */
  readonly repeatable: boolean;
  /** Carries a file, or answers with one. */
  readonly binary?: 'request' | 'response';
}

export const calls = {
  sendCustomMessage: {
    method: 'POST',
    path: '/cgi-bin/message/custom/send',
    accounts,
    cloud: { miniprogram: 'customerServiceMessage.send', official: 'customerServiceMessage.send' },
    convertCase: true,
    repeatable: false,
  },
  setTyping: {
    method: 'POST',
    path: '/cgi-bin/message/custom/typing',
    accounts,
    // No page offers an official account's typing sign in the cloud.
    cloud: { miniprogram: 'customerServiceMessage.setTyping' },
    convertCase: true,
    repeatable: true,
  },
  uploadTempMedia: {
    method: 'POST',
    path: '/cgi-bin/media/upload',
    accounts,
    cloud: {
      miniprogram: 'customerServiceMessage.uploadTempMedia',
      official: 'officialAccount.media.upload',
    },
    convertCase: true,
    repeatable: true,
    binary: 'request',
  },
  getTempMedia: {
    method: 'GET',
    path: '/cgi-bin/media/get',
    accounts,
    cloud: { miniprogram: 'customerServiceMessage.getTempMedia' },
    convertCase: true,
    repeatable: true,
    binary: 'response',
  },
  sendTemplateMessage: {
    method: 'POST',
    path: '/cgi-bin/message/template/send',
    accounts: ['official'],
    cloud: { official: 'officialAccount.messageTemplate.send' },
    // Everything under `data` is named by the template, `CardNumber` say; and `msgid` outgrows a number.
    convertCase: false,
    repeatable: false,
  },
  sendSubscribeMessage: {
    method: 'POST',
    path: '/cgi-bin/message/subscribe/send',
    accounts: ['miniprogram'],
    cloud: { miniprogram: 'subscribeMessage.send' },
    convertCase: false,
    repeatable: false,
  },
  msgSecCheck: {
    method: 'POST',
    path: '/wxa/msg_sec_check',
    // It asks for the openid of a user of the mini program.
    accounts: ['miniprogram'],
    cloud: { miniprogram: 'security.msgSecCheck' },
    convertCase: true,
    repeatable: true,
  },
} as const satisfies Record<string, Call>;

export type CallName = keyof typeof calls;

/** The names of {@link calls}, for a check or a list. */
export const callNames = Object.keys(calls) as readonly CallName[];

/** The row of a call, widened to the shape that all rows share. */
export function callRow(name: CallName): Call {
  return calls[name];
}
