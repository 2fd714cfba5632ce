import { describe, expect, test } from '@jest/globals';
import {
  type Access,
  type Asking,
  accessRules,
  decideRole,
  isTimer,
  type Role,
  refuseUsers,
  withTouser,
} from '../../shared/core/access';

/** The rules of who may do what, one by one. */

const operators = new Set(['oOperator']);

test.each<[Role, string, string | undefined]>([
  ['self', 'wx_client', 'oUser'],
  ['self', '', 'oUser'],
  ['operator', 'wx_client', 'oOperator'],
  ['nobody', 'wx_client', undefined],
  ['nobody', '', undefined],
  ['owner', 'wx_http', undefined],
  ['owner', ' wx_trigger ', undefined],
  ['owner', 'scf', undefined],
  ['owner', 'wx_client, scf ', 'oUser'],
  ['self', 'scf,wx_client', 'oUser'],
  ['self', 'wx_client,wx_http', 'oUser'],
  ['self', 'wx_client,wx_trigger', 'oUser'],
  ['nobody', 'wx_client,notscf', undefined],
])('%s is who calls from %j as %s', (role, source, openid) => {
  expect(decideRole({ source, ...(openid === undefined ? {} : { openid }) }, operators)).toBe(role);
});

test('a timer is known by its source alone', () => {
  expect([' wx_trigger ', 'wx_trigger,scf', 'wx_client', ''].map((source) => isTimer({ source }))).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

/** Who asks: a user, an operator, the owner's code, a timer, nobody. */
const callers = {
  self: { role: 'self', caller: { source: 'wx_client', openid: 'oUser' } },
  operator: { role: 'operator', caller: { source: 'wx_client', openid: 'oOperator' } },
  owner: { role: 'owner', caller: { source: 'wx_client,scf', openid: 'oUser' } },
  timer: { role: 'owner', caller: { source: 'wx_trigger' } },
  nobody: { role: 'nobody', caller: { source: 'wx_client' } },
} as const satisfies Record<string, Pick<Asking, 'role' | 'caller'>>;

type Who = keyof typeof callers;

/** Of all callers those who may go on. */
function allowed(access: Access, event: object, isForUsers = true): Who[] {
  return (Object.keys(callers) as Who[]).filter((who) => {
    const refused = accessRules[access]({ ...callers[who], event: event as Asking['event'], isForUsers });
    if (refused !== undefined) expect(refused).toMatchObject({ code: 'not-allowed', errCode: -604104 });
    return refused === undefined;
  });
}

const known: readonly Who[] = ['self', 'operator', 'owner', 'timer'];
const owners: readonly Who[] = ['operator', 'owner', 'timer'];

describe('may go on', () => {
  test.each<[Access, object, readonly Who[]]>([
    ['own-user', {}, known],
    ['own-user', { touser: 'oUser' }, known],
    ['own-user', { touser: null }, known],
    ['own-user', { touser: 'oOther' }, owners],
    ['own-user', { touser: ['oUser'] }, owners],
    ['own-user', { fallback: [{ template: { touser: 'oUser' } }] }, known],
    ['own-user', { fallback: [{ template: { touser: 'oOther' } }] }, owners],
    ['own-user', { touser: 'oUser', fallback: [{ subscribe: {}, template: { touser: 'oOther' } }] }, owners],
    ['own-user', { fallback: [{}, { template: { touser: 'oOther' } }] }, owners],
    ['own-user', { fallback: 'oOther' }, known],
    ['own-user', { fallback: ['oOther', null, { template: 'oOther' }] }, known],
    ['own-user', { fallback: [{ template: null }] }, known],
    ['any-user', { touser: 'oOther' }, known],
    ['own-switch', { type: 'order-paid', on: true }, known],
    ['own-switch', { type: 'order-paid', on: null }, owners],
    ['own-switch', { type: 'order-paid' }, owners],
    ['own-switch', { type: 'order-paid', on: true, data: {} }, owners],
    ['own-switch', { on: true, touser: 'oOther' }, owners],
    ['own-switch', { on: true, data: null, type: null }, known],
    ['operators', {}, ['operator']],
    ['operators', { share: '1/2' }, ['operator']],
    ['operators-and-shares', {}, ['operator', 'timer']],
    ['operators-and-shares', { share: '1/2' }, owners],
    ['operators-and-shares', { share: '1/2', action: 'list' }, ['operator', 'timer']],
    ['owner', {}, ['owner', 'timer']],
    ['credentials', {}, ['self', 'operator', 'owner', 'timer', 'nobody']],
  ])('by %s with %j: %j', (access, event, who) => {
    expect(allowed(access, event)).toEqual(who);
  });

  test('without users where sending is left to the owner’s side', () => {
    expect(allowed('own-user', {}, false)).toEqual(owners);
  });
});

describe('a push', () => {
  const push = (source: string, event: object, openid?: string) =>
    accessRules.push({
      caller: { source, ...(openid === undefined ? {} : { openid }) },
      role: 'nobody',
      event: event as Asking['event'],
      isForUsers: true,
    })?.errMsg;

  test.each([
    ['wx_push', 'oUser', { FromUserName: 'oUser' }],
    ['wx_push', undefined, { FromUserName: 'oUser' }],
    ['wx_push', 'oUser', {}],
    ['wx_push', 'oUser', { FromUserName: 5 }],
    ['wx_push, wx_other', 'oUser', { FromUserName: 'oUser' }],
  ])('from %j as %j of %j is taken', (source, openid, event) => {
    expect(push(source, event, openid)).toBeUndefined();
  });

  test.each([
    ['wx_client', 'a client cannot push'],
    ['wx_devtools', 'a client cannot push'],
    ['wx_localdebug', 'a client cannot push'],
    ['wx_crawler', 'a client cannot push'],
    ['wx_push, wx_client', 'a client cannot push'],
    ['', 'a push comes by way of WeChat'],
    ['scf', 'a push comes by way of WeChat'],
    ['wx_push,scf', 'a push comes by way of WeChat'],
    ['not_wx_push', 'a push comes by way of WeChat'],
    ['wx_push!', 'a push comes by way of WeChat'],
  ])('from %j is refused: %s', (source, why) => {
    expect(push(source, { FromUserName: 'oUser' }, 'oUser')).toBe(why);
  });

  test('of another user than the one who calls is refused', () => {
    expect(push('wx_push', { FromUserName: 'oOther' }, 'oUser')).toBe(
      'the push is not of the user who calls',
    );
  });
});

test('an event that leaves its user out is the caller’s', () => {
  const caller = { source: 'wx_client', openid: 'oUser' };
  expect(withTouser({ a: 1 }, caller)).toEqual({ a: 1, touser: 'oUser' });
  expect(withTouser({ touser: null }, caller)).toEqual({ touser: 'oUser' });
  for (const touser of ['oOther', '', 5]) expect(withTouser({ touser }, caller)).toEqual({ touser });
  expect(withTouser({ a: 1 }, { source: 'wx_http' })).toEqual({ a: 1 });
});

test('the users of an event are its own and those of each fallback, as they stand', () => {
  const may = (event: object) =>
    refuseUsers(event as Asking['event'], 'self', { source: 'wx_client', openid: 'oUser' }) === undefined;
  const own = { template: { touser: 'oUser' }, subscribe: { touser: null } };
  expect(may({ touser: 'oUser', fallback: [own, 'x', { template: [] }, {}] })).toBe(true);
  expect(may({ touser: 'oUser', fallback: [own, { template: { touser: 'oA' } }] })).toBe(false);
  expect(may({ touser: 'oUser', fallback: [{ ...own, subscribe: { touser: 5 } }] })).toBe(false);
  expect(may({ touser: 'oB', fallback: [own] })).toBe(false);
});

test('whoever has no identity acts for nobody, itself included', () => {
  expect(refuseUsers({}, 'nobody', { source: 'wx_client' })).toMatchObject({
    errMsg: 'the call carries no identity',
  });
});
