import { type Caller, decideRole, refuseAccess } from '../../core/access';
import { type Answer, refuseFailure, refuseFaults, success } from '../../core/answer';
import { accountField, hasFaults, ownFields, parseEvent, readAccount } from '../../core/event';
import type { Ports } from '../../core/ports';
import type { Fields } from '../../wechat/fields/fields';
import { isOpenid, show } from '../../wechat/fields/values';

export const typingFields = {
  touser: { kind: 'text', need: 'never' },
  command: { kind: 'choice', need: 'never', values: ['Typing', 'CancelTyping'], wrong: 45072 },
  businessid: { kind: 'text', need: 'never' },
  account: accountField,
} as const satisfies Fields;

/**
 * Shows or ends the sign that an answer is being written: `kefu-typing`.
 *
 * `command` is `Typing` (default) or `CancelTyping`. The sign needs an exchange with the user within 30 s (45080),
 * lasts 15 s, cannot be shown twice at a time (45081), and ends with the next message.
 */
export async function typing(event: unknown, caller: Caller, ports: Ports): Promise<Answer> {
  const input = ownFields(event);
  const refused = refuseAccess(decideRole(caller, ports.settings.operators), caller, input['touser']);
  if (refused !== undefined) return refused;

  const { values, faults } = parseEvent(typingFields, input);
  const account = readAccount(values['account'], ports.settings, faults);
  const touser = values['touser'] ?? caller.openid;
  if (touser === undefined) {
    if (!faults.some(({ path }) => path === 'touser'))
      faults.push({ path: 'touser', message: 'is missing', errCode: 41009 });
  } else if (!isOpenid(touser)) {
    faults.push({ path: 'touser', message: `must be an openid, not ${show(touser)}`, errCode: 40003 });
  }
  if (hasFaults(faults)) return refuseFaults(faults);

  const { businessid } = values;
  const reply = await ports.wechat.call(
    'setTyping',
    { touser, command: values['command'] ?? 'Typing', ...(businessid === undefined ? {} : { businessid }) },
    account,
  );
  return reply.ok ? success() : refuseFailure('setTyping', reply);
}
