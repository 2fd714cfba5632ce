import type { Ports } from '../../../shared/core/ports';
import { laneOf } from '../../../shared/core/reply-windows';
import { kefuDesk } from '../../../shared/functions/desk/desk';
import type { Door } from '../../../shared/functions/receive/plan';
import { takePush } from '../../../shared/functions/receive/receive';
import type { ReplyRules } from '../../../shared/functions/rules/reply-rules';
import type { CallName } from '../../../shared/wechat/calls';
import type { PushAnswer } from '../../../shared/wechat/messages/passive-replies';
import type { UnknownPush } from '../../../shared/wechat/pushes/pushes';
import { digest, type ProcessOptions, type World } from '../../world/world';

/** People at the desk of a world, and a user who writes. */

export const lin = 'oLin';
export const wang = 'oWang';
export const user = 'oUser';
export const lane = laneOf('miniprogram', user, { digest });

export const text = (content: string) => ({ msgtype: 'text', text: { content } }) as const;

export const deskRules: ReplyRules = {
  rules: [
    { on: { text: 'hi' }, say: [text('hello')] },
    { on: { text: 'three' }, say: [text('one'), text('two'), text('three')] },
    { on: { text: 'person' }, say: [text('wait')], transfer: true },
    { on: { text: 'quiet' }, transfer: true },
    { on: { text: 'elsewhere' }, transfer: 'wechat' },
  ],
};

const miniprogram: Door = { account: 'miniprogram', passive: false };

export type DeskAnswer = { readonly errCode: number; readonly [field: string]: unknown };

let pushes = 0;

export const pushOf = (Content: string, fields: object = {}): UnknownPush => {
  pushes += 1;
  return {
    ToUserName: 'wxMini',
    FromUserName: user,
    CreateTime: 1_700_000_000,
    MsgType: 'text',
    MsgId: `${pushes}`,
    Content,
    ...fields,
  };
};

/** A world's desk: what its people do, and what comes in from the user. */
export function deskIn(world: World, people: readonly string[] = [lin, wang], rules = deskRules) {
  const run = <T>(work: (ports: Ports<CallName>) => Promise<T>, options: ProcessOptions) =>
    world.run(work, { desk: people, limitMs: 20_000, ...options });
  return {
    desk: (openid: string, event: object, options: ProcessOptions = {}) =>
      run(
        (ports) => kefuDesk({}).handle(event, { source: 'wx_client', openid }, ports),
        options,
      ) as Promise<DeskAnswer>,
    receive: (push: UnknownPush, options: ProcessOptions = {}, door: Door = miniprogram) =>
      run((ports) => takePush(push, door, { ...ports, rules }), options) as Promise<
        PushAnswer | 'killed' | 'failed'
      >,
    conversation: () => world.documents('kefu_conversations').find(({ _id }) => _id === lane),
    said: () =>
      world
        .documents('kefu_messages')
        .toSorted((one, other) => Number(one['at']) - Number(other['at']))
        .map(({ from, message, status }) => {
          const { text: body, event } = JSON.parse(String(message)) as {
            text?: { content: string };
            event?: string;
          };
          return `${from} ${body?.content ?? event} ${status}`;
        }),
  };
}
