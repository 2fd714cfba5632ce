import { toCamelKey } from '../fields/case';
import type { Field, Fields } from '../fields/fields';
import { isPlainObject, type PlainObject } from '../fields/parse-fields';
import { type CloudMessage, type Message, messageOptions, messageTypes } from './message-types';

/**
 * The map between WeChat's two shapes of a message: HTTPS (snake_case) and cloud call (camelCase).
 *
 * It goes by the field tables, not by the look of a key, so joined names stay whole and values are never touched.
 * Neither direction checks anything: what comes in has been parsed.
 */

/** Maps an HTTPS message onto the shape that `cloud.openapi.customerServiceMessage.send` takes. */
export function toCloudCall(message: Message): CloudMessage {
  return mapMessage(message as unknown as PlainObject, toCloud) as unknown as CloudMessage;
}

/** Maps a cloud-call message back onto the HTTPS shape. */
export function fromCloudCall(message: CloudMessage): Message {
  return mapMessage(message as unknown as PlainObject, fromCloud) as unknown as Message;
}

/** For each field table, what a key becomes and which table its value goes by. */
type Direction = (fields: Fields) => ReadonlyMap<string, { key: string; field: Field }>;

const toCloud: Direction = remembered((fields) =>
  Object.entries(fields).map(([name, field]) => [name, { key: toCamelKey(name), field }]),
);

const fromCloud: Direction = remembered((fields) =>
  Object.entries(fields).map(([name, field]) => [toCamelKey(name), { key: name, field }]),
);

function remembered(entries: (fields: Fields) => [string, { key: string; field: Field }][]): Direction {
  const known = new WeakMap<Fields, ReadonlyMap<string, { key: string; field: Field }>>();
  return (fields) => {
    let map = known.get(fields);
    if (map === undefined) {
      map = new Map(entries(fields));
      known.set(fields, map);
    }
    return map;
  };
}

function mapMessage(message: PlainObject, direction: Direction): PlainObject {
  const output: Record<string, unknown> = {};
  const options = direction(messageOptions);
  for (const key of Object.keys(message)) {
    const value = message[key];
    const option = options.get(key);
    if (option !== undefined) output[option.key] = mapValue(option.field, value, direction);
    else if (Object.hasOwn(messageTypes, key) && isPlainObject(value)) {
      output[key] = mapObject(messageTypes[key as keyof typeof messageTypes].body, value, direction);
    } else output[key] = value;
  }
  return output;
}

function mapObject(fields: Fields, value: PlainObject, direction: Direction): PlainObject {
  const keys = direction(fields);
  const output: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const target = keys.get(key);
    if (target === undefined) output[key] = value[key];
    else output[target.key] = mapValue(target.field, value[key], direction);
  }
  return output;
}

function mapValue(field: Field, value: unknown, direction: Direction): unknown {
  if (field.kind === 'group' && isPlainObject(value)) return mapObject(field.fields, value, direction);
  if (field.kind === 'list' && Array.isArray(value)) {
    return value.map((entry: unknown) =>
      isPlainObject(entry) ? mapObject(field.fields, entry, direction) : entry,
    );
  }
  return value;
}
