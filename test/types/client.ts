import {
  type Account,
  type CloudFile,
  type CustomerService,
  createCustomerService,
  isCloudFile,
  type MessageInput,
  type Refusal,
} from '../../miniprogram/kefu-client';

/** What the typed client accepts and refuses, checked by the compiler alone. */

declare const service: CustomerService;

export const sends = [
  () => service.send({ msgtype: 'text', text: { content: 'hi' } }),
  () =>
    service.send(
      { touser: 'o', msgtype: 'image', image: { mediaId: 'm' } },
      { requestId: 'r', window: true },
    ),
  () => service.send({ msgtype: 'link', link: { title: 't', description: 'd', url: 'u', thumb_url: 'x' } }),
  () =>
    service.send(
      { msgtype: 'music', music: { musicurl: 'u', thumbFileID: 'cloud://a/b' } },
      { account: 'official' },
    ),
  () =>
    service.send(
      { msgtype: 'text', text: { content: 'hi' } },
      {
        fallback: [
          { subscribe: { templateId: 't', data: { thing1: { value: 'v' } } } },
          { template: { template_id: 't', touser: 'o', data: {} } },
          // @ts-expect-error a subscribe message goes to the message's own user
          { subscribe: { template_id: 't', touser: 'o', data: {} } },
        ],
      },
    ),
  // @ts-expect-error the body of another type
  () => service.send({ msgtype: 'text', image: { media_id: 'm' } }),
  // @ts-expect-error msgType is no field
  () => service.send({ msgType: 'text', text: { content: 'hi' } }),
  // @ts-expect-error a required field is missing
  () => service.send({ msgtype: 'link', link: { title: 't', description: 'd', url: 'u' } }),
  () =>
    service.send({
      msgtype: 'miniprogrampage',
      // @ts-expect-error joined names are never broken up
      miniprogrampage: { title: 't', pagePath: 'p', thumbMediaId: 'm' },
    }),
  // @ts-expect-error a file must be one in cloud storage
  () => service.send({ msgtype: 'image', image: { fileID: 'https://example.com/a.png' } }),
  // @ts-expect-error no such option
  () => service.send({ msgtype: 'text', text: { content: 'hi' } }, { retry: 3 }),
  // @ts-expect-error nobody is named by requestID
  () => service.send({ msgtype: 'text', text: { content: 'hi' } }, { requestID: 'r' }),
];

declare const follower: CustomerService<'official'>;
declare const either: CustomerService<Account>;
const voice = { msgtype: 'voice', voice: { media_id: 'm' } } as const;
const link = { msgtype: 'link', link: { title: 't', description: 'd', url: 'u', thumb_url: 'x' } } as const;
const hi = { msgtype: 'text', text: { content: 'hi' } } as const;

/** Each account is given the types of message that it may send, and no other. */
export const accounts = [
  // @ts-expect-error a mini program sends no voice
  () => service.send(voice),
  () => service.send(voice, { account: 'official' }),
  () => service.send(voice, { account: 'official', window: true, requestId: 'r' }),
  // @ts-expect-error nor when it is named
  () => service.send(voice, { account: 'miniprogram' }),
  () => follower.send(voice),
  () => follower.send(voice, { split: true }),
  // @ts-expect-error an official account sends no link card
  () => follower.send(link),
  () => follower.send(link, { account: 'miniprogram' }),
  // @ts-expect-error
  () => service.send({ msgtype: 'video', video: { mediaId: 'm', thumbMediaId: 't' } }),
  // @ts-expect-error
  () => service.send({ msgtype: 'music', music: { musicurl: 'u', thumbMediaId: 't' } }),
  // @ts-expect-error
  () => service.send({ msgtype: 'news', news: { articles: [] } }),
  // @ts-expect-error
  () => service.send({ msgtype: 'mpnews', mpnews: { mediaId: 'm' } }),
  // @ts-expect-error
  () => service.send({ msgtype: 'mpnewsarticle', mpnewsarticle: { articleId: 'a' } }),
  // @ts-expect-error
  () => service.send({ msgtype: 'msgmenu', msgmenu: { list: [] } }),
  // @ts-expect-error
  () => service.send({ msgtype: 'wxcard', wxcard: { cardId: 'c' } }),
  // Whose account is not known to the compiler is the function's to look at.
  () => either.send(voice),
  () => service.sendAll([hi, { ...voice, account: 'official' }]),
  () => service.sendAll([voice], { account: 'official' }),
  // @ts-expect-error one of them is not the mini program's
  () => service.sendAll([hi, voice]),
];

/** A method by type takes the body of that type, or the one text that makes it. */
export const byType = [
  () => service.sendText('hi'),
  () => service.sendText({ content: 'hi' }, { kf_account: 'a@b', touser: 'o', requestId: 'r' }),
  () => service.sendImage('m', { queue: true, deadline: 1 }),
  () => service.sendImage({ fileID: 'cloud://a/b' }),
  () => service.sendLink({ title: 't', description: 'd', url: 'u', thumbUrl: 'x' }),
  () => service.sendVoice('m', { account: 'official' }),
  () => follower.sendVoice('m'),
  () => follower.sendWxcard('c', { window: true }),
  () => either.sendVoice('m'),
  // @ts-expect-error a mini program sends no voice
  () => service.sendVoice('m'),
  // @ts-expect-error
  () => service.sendVoice('m', { account: 'miniprogram' }),
  // @ts-expect-error an official account sends no link card
  () => follower.sendLink({ title: 't', description: 'd', url: 'u', thumbUrl: 'x' }),
  // @ts-expect-error one text is no link
  () => service.sendLink('u'),
  // @ts-expect-error a deadline is the outbox's
  () => service.sendText('hi', { deadline: 1 }),
  // @ts-expect-error the body of another type
  () => service.sendText({ media_id: 'm' }),
  // @ts-expect-error no such type
  () => service.sendSticker('s'),
];

/** What goes with `queue: true` goes with nothing else. */
export const queued = [
  () => service.send(hi, { queue: true, deadline: 1, priority: 9 }),
  () => service.send(hi, { queue: false }),
  // @ts-expect-error a deadline is the outbox's
  () => service.send(hi, { deadline: 1 }),
  // @ts-expect-error and so is a priority
  () => service.send(hi, { priority: 1 }),
  // @ts-expect-error
  () => service.send(hi, { queue: false, deadline: 1 }),
  () => service.sendAll([{ ...hi, queue: true, deadline: 1 }, hi]),
  () => service.sendAll([{ ...hi, deadline: 1 }, hi], { queue: true, priority: 1 }),
  // @ts-expect-error nothing here is queued
  () => service.sendAll([{ ...hi, deadline: 1 }]),
  // @ts-expect-error
  () => service.sendAll([hi], { deadline: 1 }),
];

/** A file is handed to WeChat from cloud storage only. */
export const uploads = [
  // @ts-expect-error a path on the phone
  () => service.uploadMedia('wxfile://tmp_1.png'),
  // @ts-expect-error the same in DevTools
  () => service.uploadMedia('http://tmp/a.png'),
  // @ts-expect-error what a variable holds is not known
  (file: string) => service.uploadMedia(file),
  (file: string) => (isCloudFile(file) ? service.uploadMedia(file) : undefined),
];

export const others = [
  () =>
    service.sendAll([{ msgtype: 'text', text: { content: 'a' }, requestId: 'r' }], {
      queue: true,
      touser: 'o',
    }),
  () => service.typing({ touser: 'o', command: 'CancelTyping' }),
  () => service.uploadMedia('cloud://a/b', { type: 'image' }),
  () => service.sendTemplate({ touser: 'o', templateId: 't', clientMsgId: 'c', data: { k: { value: 1 } } }),
  () => service.sendSubscribe({ template_id: 't', miniprogram_state: 'trial', data: {} }, { cut: true }),
  // @ts-expect-error no such command
  () => service.typing({ command: 'typing' }),
  // @ts-expect-error no such media type
  () => service.uploadMedia('cloud://a/b', { type: 'file' }),
  // @ts-expect-error a template message needs its follower
  () => service.sendTemplate({ template_id: 't', data: {} }),
  // @ts-expect-error one of three states
  () => service.sendSubscribe({ template_id: 't', miniprogram_state: 'beta', data: {} }),
  // @ts-expect-error a value stands under value
  () => service.sendSubscribe({ template_id: 't', data: { thing1: 'v' } }),
];

export async function results(): Promise<string> {
  const uploaded = await service.uploadMedia('cloud://a/b');
  // @ts-expect-error only a success has a media id for sure
  const id: string = uploaded.mediaId;
  if (uploaded.ok) return uploaded.mediaId;
  // @ts-expect-error a refusal's number is not 0
  if (uploaded.errCode === 'no') return id;
  const refusal: Refusal = uploaded;
  switch (refusal.code) {
    case 'window-closed':
      return refusal.advice;
    // @ts-expect-error not a word of the closed set
    case 'window-shut':
      return '';
    default:
      return refusal.details?.[0]?.path ?? '';
  }
}

export async function windows(): Promise<number> {
  const window = await service.window({ touser: 'o' });
  return window.ok ? window.remaining + window.closesAt : 0;
}

export async function works(): Promise<number> {
  const given = await service.withTyping(async () => 5, { touser: 'o' });
  // @ts-expect-error the work's own type
  const wrong: string = given;
  return given + wrong.length;
}

export function files(fileID: string): MessageInput | undefined {
  // @ts-expect-error not every string is an address of cloud storage
  const file: CloudFile = fileID;
  return isCloudFile(fileID)
    ? { msgtype: 'image', image: { fileID } }
    : { msgtype: 'image', image: { fileID: file } };
}

export const services = [
  createCustomerService(),
  createCustomerService({
    call: async ({ name, data }) => ({ result: { name, data } }),
    account: 'official',
  }),
  createCustomerService({ account: 'official' }).send(voice),
  // @ts-expect-error no such account
  createCustomerService({ account: 'wecom' }),
];
