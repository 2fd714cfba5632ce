import { refuseFailure, success } from '../../core/answer';
import { accountField, defineFunction, touserField } from '../../core/define-function';
import type { Fields } from '../../wechat/fields/fields';

export const typingFields = {
  touser: touserField,
  command: {
    kind: 'choice',
    need: 'never',
    values: ['Typing', 'CancelTyping'],
    wrong: 45072,
    default: 'Typing',
  },
  businessid: { kind: 'text', need: 'never' },
  account: accountField,
} as const satisfies Fields;

/**
 * Shows or ends the sign that an answer is being written: `kefu-typing`.
 *
 * `command` is `Typing` (default) or `CancelTyping`. The sign needs an exchange with the user within 30 s (45080),
 * lasts 15 s, cannot be shown twice at a time (45081), and ends with the next message.
 */
export const kefuTyping = defineFunction({
  name: 'kefu-typing',
  access: 'own-user',
  fields: typingFields,
  calls: ['setTyping'],
  timeoutSeconds: 10,
  async run({ account, ...payload }, { ports }) {
    const reply = await ports.wechat.call('setTyping', payload, account);
    return reply.ok ? success() : refuseFailure('setTyping', reply);
  },
});
