import { defineFunction } from '../../core/define-function';
import { carryOut } from './carry-out';
import { sendMany } from './send-many';
import { parseRequest } from './send-request';

/**
 * Sends one customer-service message, or up to a hundred: `kefu-send`.
 *
 * The event is the message in either spelling. `touser` left out means the caller; a `cloud://` file may stand for a
 * media id; `split: true` cuts a text over 2048 bytes into several messages, and the answer then lists a result for
 * each in `results`. The first that fails ends the lane: what comes after it is not sent.
 *
 * `requestId` sends once whatever is repeated; `window: true` tells what is left of the reply window; `fallback` lists
 * what to try when it is shut or full; `queue: true` keeps the message for `kefu-outbox`, with `priority` and
 * `deadline`. `messages` holds several, each with its own options. `docs/delivery.md` has what each promises and costs.
 */
export const kefuSend = defineFunction({
  name: 'kefu-send',
  access: 'own-user',
  // The fields depend on `msgtype`.
  fields: 'own',
  calls: ['sendCustomMessage', 'uploadTempMedia', 'sendTemplateMessage', 'sendSubscribeMessage'],
  timeoutSeconds: 20,
  async run(event, call) {
    if (Object.hasOwn(event, 'messages')) return sendMany(event, call);
    const parsed = parseRequest(event, call);
    return parsed.ok ? carryOut(parsed.request, call.ports) : parsed.refusal;
  },
});
