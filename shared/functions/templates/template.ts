import { type Caller, decideRole, refuseAccess } from '../../core/access';
import { type Answer, type Refusal, refusal, refuseFailure, refuseFaults, success } from '../../core/answer';
import { accountField, hasFaults, ownFields, parseEvent } from '../../core/event';
import { hashOf, once, requestIdFault, scopeOf } from '../../core/once';
import { type Ports, stepMs, type WeChatReply } from '../../core/ports';
import type { Fields, TemplateData } from '../../wechat/fields/fields';
import { isOpenid, show } from '../../wechat/fields/values';
import { subscribeFields, templateFields } from '../../wechat/messages/template-messages';
import { checkValues, cutValues } from '../../wechat/messages/template-values';
import { noteNotice } from './results';

/**
 * Sends a template message of the official account: `kefu-template-send`.
 *
 * The payload is the one of `message/template/send`, in either spelling; the keys of `data` reach WeChat as they are
 * given. `msgid` comes back as a string, because it outgrows what a number holds. Under a `requestId` it is sent once.
 */
export async function sendTemplate(
  event: unknown,
  caller: Caller,
  ports: Ports,
): Promise<Answer<{ msgid: string }>> {
  const parsed = parseTemplateEvent(templateFields, 'official', event, caller, ports);
  if (!parsed.ok) return parsed.refusal;
  const { payload } = parsed;
  return onceIf('kefu-template-send', parsed, payload, ports, () =>
    deliverTemplate(payload, ports),
  ) as Promise<Answer<{ msgid: string }>>;
}

/** Sends a template message that has been parsed, and keeps a record that its result is joined to. */
export async function deliverTemplate(payload: Payload, ports: Ports): Promise<Answer<{ msgid: string }>> {
  const reply = await ports.wechat.call('sendTemplateMessage', payload, 'official');
  if (!reply.ok) return refuseFailure('sendTemplateMessage', reply);
  const msgid = msgidOf(reply);
  await noteNotice('official', msgid, payload, ports);
  return success({ msgid });
}

/** A message's id as a string: it outgrows what a number holds. */
function msgidOf(reply: WeChatReply): string {
  return reply.ok && 'data' in reply ? String(reply.data['msgid'] ?? '') : '';
}

/** What `kefu-subscribe-send` takes beside WeChat's fields: whether values that are too long are cut. */
const cutField = {
  cut: { kind: 'choice', need: 'never', values: [true, false], wrong: 40035 },
} as const satisfies Fields;

/**
 * Sends a subscribe message of the mini program: `kefu-subscribe-send`.
 *
 * Values are held against the rule of their key's kind (`thing1` has at most 20 characters) before WeChat sees them;
 * `cut: true` cuts what is too long and can be cut. Under a `requestId` it is sent once.
 */
export async function sendSubscribe(event: unknown, caller: Caller, ports: Ports): Promise<Answer> {
  const parsed = parseTemplateEvent({ ...subscribeFields, ...cutField }, 'miniprogram', event, caller, ports);
  if (!parsed.ok) return parsed.refusal;
  const { cut, data, ...payload } = parsed.payload;
  const values = cut === true ? cutValues(data as TemplateData) : (data as TemplateData);
  const faults = checkValues(values);
  if (hasFaults(faults)) return refuseFaults(faults);
  const whole = { ...payload, data: values };
  return onceIf('kefu-subscribe-send', parsed, whole, ports, () => deliverSubscribe(whole, ports));
}

/** Sends a subscribe message that has been parsed, and keeps a record that its result is joined to. */
export async function deliverSubscribe(payload: Payload, ports: Ports): Promise<Answer> {
  const reply = await ports.wechat.call('sendSubscribeMessage', payload, 'miniprogram');
  if (!reply.ok) return refuseFailure('sendSubscribeMessage', reply);
  await noteNotice('miniprogram', msgidOf(reply), payload, ports);
  return success();
}

/** The id under which a request is carried out once, where it has one, and whose ids it is among. */
interface Identified {
  readonly requestId: string | undefined;
  readonly scope: string;
}

/** Sends once what has a requestId, and simply sends what has none. */
async function onceIf(
  name: string,
  { requestId, scope }: Identified,
  payload: Payload,
  ports: Ports,
  work: () => Promise<Answer>,
): Promise<Answer> {
  if (requestId === undefined) return work();
  const request = { key: [name, scope, requestId], hash: hashOf(payload, ports) };
  return once(request, ports, async () => ({ answer: await work() }));
}

/** A payload that has been parsed. */
type Payload = { readonly [field: string]: unknown };

type ParsedTemplate =
  | ({ readonly ok: true; readonly payload: Record<string, unknown> } & Identified)
  | { readonly ok: false; readonly refusal: Refusal };

function parseTemplateEvent(
  fields: Fields,
  account: 'official' | 'miniprogram',
  event: unknown,
  caller: Caller,
  ports: Ports,
): ParsedTemplate {
  const input = ownFields(event);
  const role = decideRole(caller, ports.settings.operators);
  const refused = refuseAccess(role, caller, input['touser']);
  if (refused !== undefined) return { ok: false, refusal: refused };

  const addressed = input['touser'] ?? caller.openid;
  const { values, faults } = parseEvent(
    { ...fields, account: accountField, requestId: { kind: 'text', need: 'never' } },
    addressed === undefined ? input : { ...input, touser: addressed },
  );
  const { account: named, requestId, ...payload } = values;
  const wrongId = requestId === undefined ? undefined : requestIdFault(requestId);
  if (wrongId !== undefined) faults.push({ path: 'requestId', message: wrongId, errCode: 40035 });
  if (named !== undefined && named !== account) {
    faults.push({
      path: 'account',
      message: `must be ${account}: the other kind has no such message`,
      errCode: 40035,
    });
  }
  if (account === 'official' && ports.settings.officialAppid === '') {
    faults.push({
      path: 'account',
      message: 'cannot be official: the variable OFFICIAL_APPID is not set',
      errCode: 40013,
    });
  }
  if (typeof payload['touser'] === 'string' && !isOpenid(payload['touser'])) {
    faults.push({
      path: 'touser',
      message: `must be an openid, not ${show(payload['touser'])}`,
      errCode: 40003,
    });
  }
  if (hasFaults(faults)) return { ok: false, refusal: refuseFaults(faults) };
  if (ports.clock.remainingMs() < stepMs) {
    return {
      ok: false,
      refusal: refusal('wechat-busy', -501002, 'the function ran out of time before the message was sent'),
    };
  }
  return { ok: true, payload, requestId: requestId as string | undefined, scope: scopeOf(role, caller) };
}
