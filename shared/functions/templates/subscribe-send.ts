import { outOfTime } from '../../core/answer';
import { accountField, defineFunction, requestIdField, touserField } from '../../core/define-function';
import { stepMs } from '../../core/ports';
import type { TemplateData } from '../../wechat/fields/fields';
import { subscribeFields } from '../../wechat/messages/template-messages';
import { checkValues, cutValues } from '../../wechat/messages/template-values';
import { deliverSubscribe } from './deliver-notice';

/**
 * Sends a subscribe message of the mini program: `kefu-subscribe-send`.
 *
 * Values are held against the rule of their key's kind (`thing1` has at most 20 characters) before WeChat sees them;
 * `cut: true` cuts what is too long and can be cut. Under a `requestId` it is sent once.
 */
export const kefuSubscribeSend = defineFunction({
  name: 'kefu-subscribe-send',
  access: 'own-user',
  fields: {
    ...subscribeFields,
    touser: touserField,
    cut: { kind: 'choice', need: 'never', values: [true, false], wrong: 40035, default: false },
    account: { ...accountField, values: ['miniprogram'] },
    requestId: requestIdField,
  },
  calls: ['sendSubscribeMessage'],
  timeoutSeconds: 10,
  check: (input) => checkValues(valuesOf(input)),
  async run({ account: _account, requestId: _requestId, cut, data, ...payload }, { ports }) {
    if (ports.clock.remainingMs() < stepMs) return outOfTime();
    return deliverSubscribe({ ...payload, data: valuesOf({ cut, data }) }, ports);
  },
});

function valuesOf({ cut, data }: { readonly cut: boolean; readonly data: TemplateData }): TemplateData {
  return cut ? cutValues(data) : data;
}
