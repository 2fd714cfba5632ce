import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Access } from '../../shared/core/access';
import type { FunctionRow } from '../../shared/core/define-function';
import type { Field, Fields } from '../../shared/wechat/fields/fields';
import { messageExamples } from '../../shared/wechat/messages/message-examples';
import { messageTypeNames } from '../../shared/wechat/messages/message-types';
import { depth } from '../depth';
import { rowsOfBuilt } from './rows';

/**
 * Who may call what, for every function that is built, by the access that it names itself; and whatever it names, that
 * no client reaches anybody but itself through it. A function that is new is in here without a line.
 */

const other = 'oSomebodyElse';
const rows = rowsOfBuilt();

/** What the gateway was sent. */
const bodies: Buffer[] = [];
let gateway: Server;
const write = console.log;

beforeAll(async () => {
  gateway = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks));
      response.end();
    });
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const { port } = gateway.address() as AddressInfo;
  Object.assign(process.env, {
    TENCENTCLOUD_RUNENV: 'SCF',
    TENCENTCLOUD_REGION: 'ap-shanghai',
    SCF_NAMESPACE: 'local',
    TENCENTCLOUD_SECRETID: 'local',
    TENCENTCLOUD_SECRETKEY: 'local',
    KEFU_OPERATORS: 'oOperator',
    OFFICIAL_APPID: 'wx00000000000000ff',
    TCB_CONTEXT_CNFG: JSON.stringify({ URL: `http://127.0.0.1:${port}/admin` }),
  });
  console.log = () => undefined;
});
afterAll(() => {
  console.log = write;
  gateway.close();
});

type Main = (event: unknown, context: unknown) => Promise<Record<string, unknown>>;

const mainOf = (name: string) =>
  (require(path.resolve('dist/cloudfunctions', name, 'index.js')) as { main: Main }).main;

const contextOf = (source: string, openid?: string) => ({
  environment: JSON.stringify({ TCB_SOURCE: source, ...(openid === undefined ? {} : { WX_OPENID: openid }) }),
});

/** Who calls: a source and, where there is one, a user. */
const callers = {
  'a client for itself': ['wx_client', 'oUser'],
  'a client for another': ['wx_client', 'oUser'],
  'DevTools for another': ['wx_devtools', 'oUser'],
  'an operator': ['wx_client', 'oOperator'],
  'a function of the owner': ['wx_client,scf', 'oUser'],
  'a timer': ['wx_trigger', undefined],
  'the HTTP API': ['wx_http', undefined],
  'WeChat with a push': ['wx_push', 'oUser'],
  'WeChat with a push of another': ['wx_push', 'oThird'],
  'a source that nobody knows': ['web_client', undefined],
  nobody: ['', undefined],
} as const satisfies Record<string, readonly [string, string | undefined]>;

type CallerName = keyof typeof callers;

const owners: readonly CallerName[] = ['a function of the owner', 'a timer', 'the HTTP API'];
const everyone = Object.keys(callers) as readonly CallerName[];

/** Who gets past each kind of access. */
const admitted: { readonly [A in Access]: readonly CallerName[] } = {
  'own-user': ['a client for itself', 'an operator', ...owners],
  'own-switch': ['a client for itself', 'an operator', ...owners],
  'any-user': everyone.filter((name) => !['nobody', 'a source that nobody knows'].includes(name)),
  operators: ['an operator'],
  'operators-and-shares': ['an operator', 'a timer'],
  owner: owners,
  push: ['WeChat with a push', 'a timer', 'the HTTP API'],
  credentials: everyone,
};

/** An event of a user's own, or of another's where the caller speaks for one. */
function eventOf(name: CallerName): object {
  const own = name === 'a client for itself';
  return { touser: own ? 'oUser' : other, FromUserName: 'oUser' };
}

test('a share of the outbox is for the owner’s code beside those who may drain it, and for nothing but that', async () => {
  const main = mainOf('kefu-outbox');
  const refused = async (caller: CallerName, event: object) => {
    const [source, openid] = callers[caller];
    return (await main(event, contextOf(source, openid)))['code'] === 'not-allowed';
  };
  const open = await Promise.all(
    everyone.map(async (caller) => [caller, await refused(caller, { share: '2/8' })]),
  );
  expect(open.flatMap(([caller, closed]) => (closed ? [] : [caller])).sort()).toEqual(
    ['an operator', ...owners].sort(),
  );
  for (const event of [{}, { share: '2/8', action: 'list' }, { share: '2/8', action: 'show', id: 'x' }])
    expect(await refused('a function of the owner', event)).toBe(true);
  const operators = async (event: object) =>
    (await main(event, contextOf(...callers['an operator'])))['errCode'];
  for (const share of ['0/8', '9/8', '1/33', '8', '', '1/8/2', '-1/8', '1/8 first', '1/8last', '1/8 last '])
    expect(await operators({ share })).toBe(40035);
  expect(await operators({ share: '2/8', action: 'list' })).toBe(40035);
});

describe.each(rows.map((row) => [row.name, row] as const))('%s', (name, row) => {
  test.each(everyone)(`is as open to %s as “${row.access}” says`, async (caller) => {
    const [source, openid] = callers[caller];
    const answer = await mainOf(name)(eventOf(caller), contextOf(source, openid));
    const refused = answer['code'] === 'not-allowed';
    expect(refused).toBe(!admitted[row.access].includes(caller));
  });

  test('lets no client reach anybody but itself, whatever the event', async () => {
    const main = mainOf(name);
    bodies.length = 0;
    await fc.assert(
      fc.asyncProperty(eventsFor(row), async (event) => {
        await main(event, contextOf('wx_client', 'oUser'));
        const reached = bodies.filter((body) => body.includes(other));
        expect(reached.map(String)).toEqual([]);
      }),
      { numRuns: depth(100) },
    );
  }, 600_000);
});

/** Events with another's name in every field that could name a user. */
function eventsFor({ fields }: FunctionRow): fc.Arbitrary<unknown> {
  if (fields !== undefined) return objectOf(fields);
  const message = fc.constantFrom(...messageTypeNames).map((msgtype) => ({
    msgtype,
    [msgtype]: messageExamples[msgtype],
    account: 'official',
  }));
  const user = fc.constantFrom(other, 'oUser', undefined, [other], { toString: other });
  const template = fc.record({
    touser: user,
    template_id: fc.constant('T'),
    data: fc.constant({ a: { value: 'b' } }),
  });
  const fallback = fc.array(
    fc.oneof(
      template.map((each) => ({ template: each })),
      template.map((each) => ({ subscribe: each })),
    ),
  );
  const single = fc
    .tuple(message, user, fc.option(fallback, { nil: undefined }), fc.boolean())
    .map(([event, touser, instead, queue]) => ({ ...event, touser, fallback: instead, queue }));
  const push = user.map((FromUserName) => ({
    ToUserName: 'gh_1',
    FromUserName,
    CreateTime: 1,
    MsgType: 'text',
    Content: '退货',
    MsgId: '1',
  }));
  return fc.oneof(
    single,
    fc
      .tuple(fc.array(single, { minLength: 1, maxLength: 3 }), user)
      .map(([messages, touser]) => ({ messages, touser })),
    push,
  );
}

function objectOf(fields: Fields): fc.Arbitrary<object> {
  return fc.record(
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, valueFor(name, field)])),
    { requiredKeys: [] },
  );
}

function valueFor(name: string, field: Field): fc.Arbitrary<unknown> {
  if (field.kind === 'openid' || /user|openid/i.test(name)) return fc.constantFrom(other, 'oUser', [other]);
  switch (field.kind) {
    case 'choice':
      return fc.constantFrom(...field.values);
    case 'group':
      return objectOf(field.fields);
    case 'list':
      return fc.array(objectOf(field.fields), { minLength: 1, maxLength: 2 });
    case 'data':
      return fc.constant({ thing1: { value: 'x' } });
    case 'media':
      return fc.constant('MEDIA_ID');
    case 'text':
      return fc.constant(field.form === 'json' ? '{}' : name === 'fileID' ? 'cloud://a/b' : 'x');
    default:
      return fc.constant('1');
  }
}
