import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toCamelKey } from '../../../shared/wechat/fields/case';
import type { Fields } from '../../../shared/wechat/fields/fields';
import type { PlainObject } from '../../../shared/wechat/fields/values';
import { fromCloudCall, toCloudCall } from '../../../shared/wechat/messages/cloud-call';
import { filesIn, withMediaIds } from '../../../shared/wechat/messages/message-files';
import { type CloudMessage, type Message, messageTypes } from '../../../shared/wechat/messages/message-types';
import { parseMessage } from '../../../shared/wechat/messages/parse-message';
import { anyCoins, leaveOut, messageIn, messageToCome, respell } from '../../arbitrary/messages';
import { depth } from '../../depth';
import { trialExamples, trialTypes } from './trial-types';

const typesToCome = { ...messageTypes, ...trialTypes };

/** A message type is one row: what holds for those of today holds for whatever WeChat may add, name and fields. */

describe.each([
  ['of the table', messageIn(messageTypes), depth(3000)],
  ['of the trial types', messageIn(trialTypes), depth(1000)],
  ['of any type at all', messageToCome, depth(1000)],
])('every message %s', (_which, anyTyped, numRuns) => {
  const runs = { numRuns };

  test('is read in any mixture of the two spellings, with and without what is the default anyway', () => {
    fc.assert(
      fc.property(anyTyped, anyCoins, (typed, coins) => {
        const written = respell(leaveOut(typed, coins), coins);
        expect(parseMessage(written, {}, typed.types)).toEqual({ ok: true, message: typed.message });
      }),
      runs,
    );
  });

  test('comes back from the cloud shape as it was, and stays itself meanwhile', () => {
    fc.assert(
      fc.property(anyTyped, ({ types, message }) => {
        const before = JSON.stringify(message);
        const cloud = toCloudCall(message, types);
        expect(fromCloudCall(cloud, types)).toEqual(message);
        expect(toCloudCall(cloud as unknown as Message, types)).toEqual(cloud);
        expect(fromCloudCall(message as unknown as CloudMessage, types)).toEqual(message);
        expect(JSON.stringify(message)).toBe(before);
      }),
      runs,
    );
  });

  test('reaches WeChat as HTTPS has it once the SDK has put its own conversion on the cloud shape', () => {
    fc.assert(
      fc.property(anyTyped, ({ types, message }) => {
        expect(sdkConvert(toCloudCall(message, types))).toEqual(message);
        // And so does the HTTPS shape itself, which the SDK passes on.
        expect(sdkConvert(message)).toEqual(message);
      }),
      runs,
    );
  });

  test('has in the cloud shape no key with an underscore before a letter, but for the name of its type', () => {
    fc.assert(
      fc.property(anyTyped, ({ types, message }) => {
        const keys = keysOf(toCloudCall(message, types));
        expect(keys.filter((key) => /_[a-z]/.test(key) && key !== message.msgtype)).toEqual([]);
        expect(keys).toContain(message.msgtype);
      }),
      runs,
    );
  });

  test('tells its files wherever they stand, and takes media ids in their places and in no others', () => {
    fc.assert(
      fc.property(anyTyped, ({ types, message }) => {
        expect(filesIn(message, types)).toEqual([]);
        // Every text is made a file's address: those in the places of media are files, no others.
        const stored = JSON.parse(JSON.stringify(message), (key, value: unknown) =>
          typeof value === 'string' && key !== 'msgtype' ? `cloud://${value}` : value,
        ) as Message;
        const media = mediaIn(types[message.msgtype]?.body ?? {}, bodyOf(message));
        const files = filesIn(stored, types);
        expect(files).toEqual(
          media.map(({ at, id, type }) =>
            expect.objectContaining({ field: at, fileID: `cloud://${id}`, type }),
          ),
        );

        const sent = withMediaIds(stored, Object.fromEntries(media.map(({ at, id }) => [at, id])), types);
        expect(mediaIn(types[message.msgtype]?.body ?? {}, bodyOf(sent))).toEqual(media);
        const back = Object.fromEntries(files.map(({ field, fileID }) => [field, fileID]));
        expect(withMediaIds(sent, back, types)).toEqual(stored);
      }),
      runs,
    );
  });
});

test.each(['channels_card', 'x_2y'] as const)(
  'the example of %s is read, goes to the cloud under its own name, and its faults are named',
  (msgtype) => {
    const message = { touser: 'oUser', msgtype, [msgtype]: trialExamples[msgtype] };
    const said = (input: unknown) => {
      const parsed = parseMessage(input, {}, typesToCome);
      return parsed.ok ? [] : parsed.faults.map(({ path, message: text }) => `${path} ${text}`);
    };
    expect(parseMessage(message, {}, typesToCome)).toEqual({ ok: true, message });
    expect(toCloudCall(message as unknown as Message, typesToCome)).toMatchObject({ msgtype, [msgtype]: {} });
    expect(said({ touser: 'oUser', msgtype })).toEqual([`${msgtype} is missing`]);
    expect(said({ ...message, image: { mediaId: 'M' } })).toEqual([
      `image does not go with msgtype "${msgtype}"`,
    ]);
    expect(said({ ...message, msgtype: toCamelKey(msgtype).toUpperCase() })).toEqual([
      expect.stringContaining(`did you mean ${msgtype}?`),
    ]);
  },
);

test("a body under the type's name in the cloud's spelling is the body, and twice is a fault", () => {
  const card = trialExamples.channels_card;
  const message = { touser: 'oUser', msgtype: 'channels_card', channels_card: card };
  const respelt = { touser: 'oUser', msgtype: 'channels_card', channelsCard: card };
  expect(parseMessage(respelt, {}, typesToCome)).toEqual({ ok: true, message });
  expect(fromCloudCall(respelt as unknown as CloudMessage, typesToCome)).toEqual(message);
  expect(parseMessage({ ...message, channelsCard: {} }, {}, typesToCome)).toMatchObject({
    ok: false,
    faults: [{ path: 'channelsCard', message: expect.stringContaining('are the same field') }],
  });
});

/** What wx-server-sdk 4.0.2 does to every key of a call; the wire tests show the same with the SDK itself. */
function sdkConvert(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sdkConvert);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/[A-Z]/g, (letter, index) => `${index ? '_' : ''}${letter.toLowerCase()}`),
      sdkConvert(inner),
    ]),
  );
}

function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}

function bodyOf(message: Message): PlainObject {
  return (message as unknown as Record<string, PlainObject>)[message.msgtype] ?? {};
}

/** The media ids of an object, told by its table alone. */
function mediaIn(fields: Fields, object: PlainObject, at = ''): { at: string; id: string; type: string }[] {
  return Object.entries(object).flatMap(([name, value]) => {
    const field = fields[name];
    if (field?.kind === 'media') return [{ at: at + name, id: String(value), type: field.media }];
    if (field?.kind === 'group') return mediaIn(field.fields, value as PlainObject, `${at}${name}.`);
    if (field?.kind !== 'list') return [];
    return (value as PlainObject[]).flatMap((entry, index) =>
      mediaIn(field.fields, entry, `${at}${name}[${index}].`),
    );
  });
}
