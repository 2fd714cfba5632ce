import { collectionNames, collections as collectionTable } from '../../shared/core/collections';
import type { Account } from '../../shared/wechat/account';
import {
  eventPushes,
  eventPushNames,
  messagePushes,
  messagePushNames,
} from '../../shared/wechat/pushes/pushes';
import { type CollectionRule, ruleSteps } from './cloud/collection-rules';
import type { PlannedFunction } from './plan';

/** What is left to do by hand after a deploy, with the values filled in. */

/** What a mini program’s push can be told to bring to a function: pairs of <MsgType, Event>. */
export function pushPairs(): { readonly MsgType: string; readonly Event: string }[] {
  const has = ({ accounts }: { readonly accounts: readonly Account[] }) => accounts.includes('miniprogram');
  return [
    ...messagePushNames.filter((name) => has(messagePushes[name])).map((MsgType) => ({ MsgType, Event: '' })),
    ...eventPushNames.filter((name) => has(eventPushes[name])).map((Event) => ({ MsgType: 'event', Event })),
  ];
}

/** Functions with a door of their own, where they are deployed. */
export const receiver = 'kefu-receive';
export const gateway = 'kefu-gateway';
/** Any path will do; docs/gateway.md takes this one. */
const gatewayPath = '/wechat';
/** The domain is the platform's to say: it has had more than one form. */
const gatewayAddress = `https://<HTTP access domain>${gatewayPath}`;

/** What the deploy itself has done of it. */
interface Known {
  readonly permissionsSet: boolean;
  /** How the collections stand; one that is not named is not known to be closed. */
  readonly rules: readonly CollectionRule[];
}

interface Item {
  readonly title: string;
  readonly steps: readonly string[];
}

/** The indexes of all collections, a row each. `docs/delivery.md` shows the same table, held to this one by a test. */
export const indexes: readonly { readonly collection: string; readonly fields: readonly string[] }[] =
  collectionNames.flatMap((collection) =>
    collectionTable[collection].indexes.map((fields) => ({ collection, fields })),
  );

/** A list to be ticked off. */
export function renderChecklist(items: readonly Item[]): string {
  return items
    .flatMap(({ title, steps }) => [`  [ ] ${title}`, ...steps.map((step) => `      ${step}`)])
    .join('\n');
}

/** The items that apply to what was deployed, each with its steps. */
export function checklist(
  functions: readonly PlannedFunction[],
  envId: string,
  { permissionsSet, rules }: Known = { permissionsSet: false, rules: [] },
): Item[] {
  const has = (name: string) => functions.some((row) => row.name === name);
  const timers = functions.flatMap(({ name, triggers }) =>
    triggers.map((trigger) => `${name}: ${trigger.name} "${trigger.config}" (UTC+8), set by the CLI`),
  );
  const collections = [...new Set(functions.flatMap(({ collections }) => collections))].sort();
  const known = new Map(rules.map((rule) => [rule.name, rule]));
  const openCollections = ruleSteps(
    collectionNames
      .filter((name) => collections.includes(name))
      .map((name) => known.get(name) ?? { name, state: { kind: 'absent' } }),
  );
  const wanted = indexes.filter(({ collection }) => collections.includes(collection));
  const items: readonly (Item & { readonly applies: boolean })[] = [
    {
      title: 'Message push',
      applies: has(receiver),
      steps: [
        'WeChat DevTools: Cloud Development, Settings, Other settings, Message push, cloud function',
        '(云开发 → 设置 → 其他设置 → 消息推送 → 云函数). Add each pair; one that is forgotten never arrives.',
        ...pushPairs().map(
          ({ MsgType, Event }) => `MsgType ${MsgType}, Event ${Event || '(empty)'} → ${envId} / ${receiver}`,
        ),
        'Messages of these types then no longer go to a server address of yours; WeChat’s own customer service (网页端客服,',
        '客服小助手) gets those that a rule hands over (transfer), and no others. docs/platform.md',
        'With WECHAT_ACCESS_TOKEN of a third-party platform, npm run deploy -- --push sets the pairs.',
      ],
    },
    {
      title: 'HTTP access path',
      applies: has(gateway),
      steps: [
        `npx tcb service create -e ${envId} -p ${gatewayPath} -f ${gateway}`,
        'It prints the address, and the console shows it (环境 → HTTP 访问服务). Put it into .env as GATEWAY_URL=https://…',
        `Then ${gatewayAddress}/cgi-bin/… takes what api.weixin.qq.com takes. Without GATEWAY_CLIENTS it lets nobody in.`,
        'The domain that comes with an environment is for trying, and its rate is limited; take one of your own (备案) later.',
      ],
    },
    {
      title: 'Callback address, where an official account is beside the mini program',
      applies: has(gateway),
      steps: [
        'mp.weixin.qq.com, the account’s basic settings, server configuration (基本配置 → 服务器配置):',
        `URL ${gatewayAddress}/callback, Token as in CALLBACK_TOKEN, EncodingAESKey as in CALLBACK_AES_KEY, XML or JSON.`,
        `A mini program that pushes to a server instead of a function: ${gatewayAddress}/callback/miniprogram`,
      ],
    },
    {
      title: 'Timers',
      applies: timers.length > 0,
      steps: [...timers, 'Look in the console, under the function’s triggers, that each is there and on.'],
    },
    {
      title: 'Database collections',
      applies: openCollections.length > 0,
      steps: [
        ...openCollections,
        'Functions are not bound by it; clients must neither see nor add what is in there.',
      ],
    },
    {
      title: 'Database indexes',
      applies: wanted.length > 0,
      steps: [
        'Database, the collection, Indexes (数据库 → 集合 → 索引管理), non-unique, ascending, once there are thousands of messages:',
        ...wanted.map(({ collection, fields }) => `${collection}: ${fields.join(', ')}`),
      ],
    },
    {
      title: 'Wait ten minutes',
      applies: true,
      steps: [
        permissionsSet
          ? 'WeChat keeps permissions that long; until then -604101 may still be answered.'
          : 'after the permissions are set; WeChat keeps them that long.',
        `Then: npm run doctor -- --env ${envId}`,
      ],
    },
  ];
  return items.filter(({ applies }) => applies);
}
