import { outOfTime, withHints } from '../../core/answer';
import { accountField, defineFunction, requestIdField, touserField } from '../../core/define-function';
import { stepMs } from '../../core/ports';
import { templateFields } from '../../wechat/messages/template-messages';
import { deliverTemplate, templateHints } from './deliver-notice';

/**
 * Sends a template message of the official account: `kefu-template-send`.
 *
 * The payload is the one of `message/template/send`, in either spelling; the keys of `data` reach WeChat as they are
 * given. `msgid` comes back as a string, because it outgrows what a number holds. Under a `requestId` it is sent once.
 */
export const kefuTemplateSend = defineFunction({
  name: 'kefu-template-send',
  access: 'own-user',
  fields: {
    ...templateFields,
    touser: touserField,
    account: { ...accountField, values: ['official'], default: 'official' },
    requestId: requestIdField,
  },
  calls: ['sendTemplateMessage'],
  timeoutSeconds: 20,
  async run({ account: _account, requestId: _requestId, ...payload }, { ports }) {
    if (ports.clock.remainingMs() < stepMs) return outOfTime();
    const answer = await deliverTemplate(payload, ports);
    return withHints(answer, templateHints(payload));
  },
});
