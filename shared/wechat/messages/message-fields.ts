import type { Fields } from '../fields/fields';
import { remember } from '../fields/remember';
import { type MessageTypes, messageOptions, messageTypes } from './message-types';

/**
 * Every field of a message of a type, the body a group like any other under the type's own name.
 *
 * That name is also the value of `msgtype`, so no spelling changes it: wx-server-sdk, which turns every capital into
 * an underscore, passes it on as it is.
 */
export function messageFields(msgtype: string, types: MessageTypes = messageTypes): Fields {
  const tables = fieldsByType(types);
  return Object.hasOwn(tables, msgtype) ? (tables[msgtype] ?? messageOptions) : messageOptions;
}

const fieldsByType = remember((types: MessageTypes): { readonly [msgtype: string]: Fields } =>
  Object.fromEntries(
    Object.entries(types).map(([msgtype, { body, bareList }]) => [
      msgtype,
      {
        touser: { kind: 'openid', need: 'always', missing: 41009 },
        msgtype: { kind: 'choice', need: 'always', values: [msgtype], wrong: 40008 },
        [msgtype]: { kind: 'group', need: 'always', fields: body, bareList, keepsName: true },
        ...messageOptions,
      },
    ]),
  ),
);
