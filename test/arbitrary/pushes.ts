import fc from 'fast-check';
import type { Field, Fields } from '../../shared/wechat/fields/fields';
import {
  type EventPushName,
  eventPushes,
  eventPushNames,
  type MessagePushName,
  messageFields,
  messagePushes,
  messagePushNames,
} from '../../shared/wechat/pushes/pushes';

/** A push in its one form, and the same push as it may arrive. */
export interface Arrival {
  readonly canonical: Record<string, unknown>;
  readonly arrived: Record<string, unknown>;
}

const words = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('', ' ', '0', '您好', '👨‍💻', ']]>', '<a>&amp;</a>', 'a\nb', '__proto__', 'null'),
);
const ids = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  fc.stringMatching(/^[0-9a-f]{32}_\d{10}$/),
);
const names = fc.stringMatching(/^[A-Za-z0-9_-]{6,28}$/);
const decimals = fc.tuple(fc.integer({ min: -180, max: 180 }), fc.integer({ min: 1, max: 999_999 }));

/** A value in its one form and in a form in which it may arrive, chosen by the coin. */
function arrivalOf(field: Field): fc.Arbitrary<{ one: unknown; other: unknown }> {
  switch (field.kind) {
    case 'text':
      return words.map((one) => ({ one, other: /^[1-9]\d{0,8}$/.test(one) ? Number(one) : one }));
    case 'id':
      return ids.map((one) => ({ one, other: /^(?:0|[1-9]\d{0,14})$/.test(one) ? Number(one) : one }));
    case 'integer':
      return fc.nat().map((one) => ({ one, other: String(one) }));
    case 'number':
      return decimals.map(([whole, part]) => {
        const written = `${whole}.${String(part).padStart(6, '0')}`;
        return { one: Number(written), other: written };
      });
    case 'group':
      return objectOf(field.fields).map(({ canonical, arrived }) => ({ one: canonical, other: arrived }));
    case 'list':
      return fc.array(objectOf(field.fields), { minLength: 1, maxLength: 4 }).map((entries) => ({
        one: entries.map(({ canonical }) => canonical),
        other: entries.length === 1 ? entries[0]?.arrived : entries.map(({ arrived }) => arrived),
      }));
    default:
      throw new Error(`no push has a field of the kind ${field.kind}`);
  }
}

function objectOf(fields: Fields): fc.Arbitrary<Arrival> {
  const requiredKeys = Object.entries(fields).flatMap(([name, { need }]) =>
    need === 'always' ? [name] : [],
  );
  const values = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, arrivalOf(field)]));
  return fc.tuple(fc.record(values, { requiredKeys }), fc.boolean()).map(([record, coin]) => {
    const pick = (form: 'one' | 'other') =>
      Object.fromEntries(Object.entries(record).map(([name, value]) => [name, value?.[form]]));
    return { canonical: pick('one'), arrived: pick(coin ? 'other' : 'one') };
  });
}

function withHeader(kind: object, fields: Fields, wrapper?: string): fc.Arbitrary<Arrival> {
  const header = fc.record({
    ToUserName: names,
    FromUserName: names,
    CreateTime: fc.nat(2_000_000_000),
  });
  return fc
    .tuple(header, objectOf(fields), fc.boolean(), fc.boolean())
    .map(([head, body, asText, wrapped]) => {
      const { List, ...rest } = body.arrived;
      const arrived = wrapper !== undefined && wrapped ? { ...rest, [wrapper]: { List } } : body.arrived;
      return {
        canonical: { ...head, ...kind, ...body.canonical },
        arrived: {
          ...arrived,
          ...kind,
          ...head,
          CreateTime: asText ? String(head.CreateTime) : head.CreateTime,
        },
      };
    });
}

export function messagePushOf(name: MessagePushName): fc.Arbitrary<Arrival> {
  return withHeader({ MsgType: name }, { ...messagePushes[name].fields, ...messageFields });
}

export function eventPushOf(name: EventPushName): fc.Arbitrary<Arrival> {
  const row: { fields: Fields; wrapper?: string } = eventPushes[name];
  return withHeader({ MsgType: 'event', Event: name }, row.fields, row.wrapper);
}

/** Every push of the table, in every form in which it may arrive. */
export const anyPush = fc.oneof(...messagePushNames.map(messagePushOf), ...eventPushNames.map(eventPushOf));
