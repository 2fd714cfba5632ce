import { mapFields } from '../fields/map-fields';
import type { PlainObject } from '../fields/values';
import { messageFields } from './message-fields';
import type { CloudMessage, Message, MessageTypes } from './message-types';

/**
 * The map between WeChat's two shapes of a message: HTTPS (snake_case) and cloud call (camelCase).
 *
 * Neither direction checks anything: what comes in has been parsed. A key that is already spelled as it should be
 * stays, and so does a field that no table has.
 */

/** Maps an HTTPS message onto the shape that `cloud.openapi.customerServiceMessage.send` takes. */
export function toCloudCall(message: Message, types?: MessageTypes): CloudMessage {
  return respell(message, 'cloud', types) as unknown as CloudMessage;
}

/** Maps a cloud-call message back onto the HTTPS shape. */
export function fromCloudCall(message: CloudMessage, types?: MessageTypes): Message {
  return respell(message, 'https', types) as unknown as Message;
}

function respell(
  message: Message | CloudMessage,
  spelling: 'https' | 'cloud',
  types?: MessageTypes,
): PlainObject {
  return mapFields(messageFields(message.msgtype, types), message as unknown as PlainObject, spelling);
}
