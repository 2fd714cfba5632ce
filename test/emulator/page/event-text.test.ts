import { describe, expect, test } from '@jest/globals';
import {
  formatEvent,
  parseEventText,
  withAccount,
  withFile,
  withSpelling,
  withTouser,
  withWish,
} from '../../../emulator/page/composer/event-text';
import { strings } from '../../../emulator/page/strings';
import { messageExamples } from '../../../shared/wechat/messages/message-examples';
import { messageTypeNames, messageTypes } from '../../../shared/wechat/messages/message-types';

const fileID = 'cloud://local.bucket/cat.png';

describe('parseEventText', () => {
  test.each([
    ['{"a": 1,}', strings.hintComma],
    ['{"a": 1,, "b": 2}', strings.hintComma],
    ["{'a': 1}", strings.hintQuotes],
    ['{a: 1}', strings.hintKey],
    ['{"a"：1}', strings.hintFullWidth],
    ['{"a": “b”}', strings.hintFullWidth],
    ['{"a": "b\nc"}', strings.hintNewline],
  ])('tells what is wrong with %j', (text, hint) => {
    expect(parseEventText(text)).toMatchObject({ ok: false, problem: { text: strings.wrongJsonAt, hint } });
  });

  test('tells the line and the column', () => {
    expect(parseEventText('{\n  "a": x\n}')).toMatchObject({ problem: { at: { line: 2, column: 8 } } });
    expect(parseEventText('{\n  "a":')).toMatchObject({ problem: { at: { line: 2, column: 7 } } });
  });

  test.each(['[]', '"text"', 'null', '1'])('takes no %s for an event', (text) => {
    expect(parseEventText(text)).toEqual({ ok: false, problem: { text: strings.notObject } });
  });
});

test('for every message type, both spellings lead back to one another', () => {
  for (const msgtype of messageTypeNames) {
    const event = { msgtype, [msgtype]: messageExamples[msgtype], own: 'field' };
    const cloud = withSpelling(event, 'cloud');
    expect(withSpelling(cloud, 'cloud')).toEqual(cloud);
    expect(withSpelling(cloud, 'https')).toEqual(event);
  }
});

describe('withFile', () => {
  test('for every message type with media, puts the file where it is accepted, in either spelling', () => {
    for (const msgtype of messageTypeNames) {
      const fields = Object.values(messageTypes[msgtype].body) as {
        kind: string;
        fileKeys?: readonly string[];
      }[];
      const keys = fields.flatMap(({ kind, fileKeys }) => (kind === 'media' ? (fileKeys ?? []) : []));
      const event = { msgtype, [msgtype]: messageExamples[msgtype] };
      for (const spelling of ['https', 'cloud'] as const) {
        const changed = withFile(withSpelling(event, spelling), fileID);
        if (keys.length === 0) {
          expect(changed).toBeUndefined();
          continue;
        }
        const body = changed?.[msgtype] as { [key: string]: unknown };
        const placed = Object.keys(body).filter((key) => body[key] === fileID);
        expect(placed).toHaveLength(1);
        expect(keys).toContain(placed[0]);
        expect(Object.keys(body)).toHaveLength(Object.keys(messageExamples[msgtype]).length);
      }
    }
  });

  test('puts a picture in a film’s thumb, and a film in its media id', () => {
    const event = { msgtype: 'video', video: { media_id: 'M', thumb_media_id: 'T' } };
    expect(withFile(event, fileID)).toEqual({
      msgtype: 'video',
      video: { media_id: 'M', thumbFileID: fileID },
    });
    expect(withFile(event, 'cloud://a/b.mp4')).toEqual({
      msgtype: 'video',
      video: { thumb_media_id: 'T', fileID: 'cloud://a/b.mp4' },
    });
  });

  test('changes the file of an event that names one', () => {
    expect(withFile({ fileID: 'cloud://old', type: 'image' }, fileID)).toEqual({ fileID, type: 'image' });
  });
});

test('account, touser and what is asked for come and go', () => {
  const event = { msgtype: 'text', text: { content: 'hi' } };
  const full = withWish(
    withWish(withTouser(withAccount(event, 'official'), 'oUser'), 'queue', true),
    'split',
    true,
  );
  expect(Object.keys(JSON.parse(formatEvent(full)) as object)).toEqual([
    'account',
    'touser',
    'msgtype',
    'text',
    'split',
    'queue',
  ]);
  const bare = withTouser(withAccount(full, 'miniprogram'), undefined);
  expect(withWish(withWish(bare, 'split', false), 'queue', false)).toEqual(event);
});
