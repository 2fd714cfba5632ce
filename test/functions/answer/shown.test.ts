import { describe, expect, test } from '@jest/globals';
import { defaultOpenid as user } from '../../../emulator/emulator';
import { samplePng } from '../../../emulator/wechat/samples';
import { until } from '../../until';
import { type Stage, stagesFor } from './stage';

/** Pictures that a model is shown, and what WeChat's content check lets it say: built functions, the real SDK. */

const onStage = stagesFor();

/** A picture as the user sends it; WeChat holds these bytes. */
function picture({ emulator: { world } }: Stage, bytes: Uint8Array = samplePng) {
  const account = 'miniprogram';
  const { mediaId } = world.keepMedia({ account, type: 'image', contentType: 'image/png', bytes });
  world.say(account, user, { MsgType: 'image', MediaId: mediaId });
  return { MsgType: 'image', MediaId: mediaId, PicUrl: world.mediaUrl(account, mediaId) };
}
const send = (stage: Stage, fields: object) => stage.deliver(stage.pushOf(fields));
const lastAsked = async (stage: Stage) => (await stage.asked())[0]?.messages.at(-1);
const png = { contentType: 'image/png', sizeBytes: samplePng.length };

describe('a picture', () => {
  test.concurrent(
    'is shown to a model whose rule says so',
    onStage(async (stage) => {
      await send(stage, picture(stage));
      await until(stage.isQuiet);
      expect(await lastAsked(stage)).toEqual({ role: 'user', content: '', pictures: [png] });
      expect(stage.texts().join()).toContain(`image/png,${samplePng.length} 字节`);
    }),
  );

  test.concurrent(
    'is shown with what is written beside it, in one turn',
    onStage(async (stage) => {
      await send(stage, picture(stage));
      await stage.say('请看图');
      await until(stage.isQuiet);
      expect(await stage.asked()).toHaveLength(1);
      expect(await lastAsked(stage)).toEqual({ role: 'user', content: '请看图', pictures: [png] });
    }),
  );

  test.concurrent(
    'is had by its address where its id is good for nothing',
    onStage(async (stage) => {
      const sent = picture(stage);
      stage.emulator.faults.put([{ api: 'customerServiceMessage.getTempMedia', errcode: 40007 }]);
      await send(stage, sent);
      await until(stage.isQuiet);
      expect(await lastAsked(stage)).toMatchObject({ pictures: [png] });
    }),
  );

  test.concurrent.each([
    ['that is gone', () => ({ MsgType: 'image', MediaId: 'gone', PicUrl: 'http://127.0.0.1:9/gone' })],
    ['whose address is none', () => ({ MsgType: 'image', PicUrl: 'file:///etc/passwd' })],
    [
      'that is no picture, whatever WeChat says',
      (stage: Stage) => picture(stage, Buffer.from('<html></html>')),
    ],
    ['that is a film', (stage: Stage) => picture(stage, Buffer.from('0000001866747970', 'hex'))],
    [
      'larger than 4 MB',
      (stage: Stage) => picture(stage, Buffer.concat([samplePng, Buffer.alloc(4 * 1024 * 1024)])),
    ],
  ])(
    '%s is a word to the model',
    onStage(async (stage, _what, sent) => {
      await send(stage, sent(stage));
      await until(stage.isQuiet);
      expect(await lastAsked(stage)).toEqual({ role: 'user', content: '[图片]' });
      expect(stage.texts().join()).toContain('“[图片]”');
    }),
  );

  test.concurrent(
    'is a word where the rule does not ask for pictures, and costs no call',
    onStage(async (stage) => {
      await send(stage, picture(stage));
      await stage.say('几点发货');
      await until(stage.isQuiet);
      expect(await lastAsked(stage)).toEqual({ role: 'user', content: '[图片]\n几点发货' });
      expect(stage.entriesOf('wire').filter(({ api }) => api.includes('getTempMedia'))).toEqual([]);
    }),
  );

  test.concurrent(
    'of which a user sends many is shown as the last three',
    onStage(async (stage) => {
      await Promise.all(
        [1, 2, 3, 4, 5].map((more) =>
          send(stage, picture(stage, Buffer.concat([samplePng, Buffer.alloc(more)]))),
        ),
      );
      await until(stage.isQuiet);
      const asked = (await lastAsked(stage)) as unknown as { content: string; pictures: object[] };
      expect(asked.content).toBe('[图片]\n[图片]');
      expect(asked.pictures).toHaveLength(3);
    }),
  );
});

describe('with check: true', () => {
  const wordsOfPerson = /人工客服/;

  test.concurrent.each([
    ['pass', '你好'],
    ['review', '可疑内容'],
  ])(
    'what WeChat finds %s is said',
    onStage(async (stage, _suggest, words) => {
      await stage.say(`审核 ${words}`);
      await until(stage.isQuiet);
      expect(stage.texts().join()).toContain(`审核 ${words}`);
      expect(stage.texts().join()).not.toMatch(/人工客服将/);
    }),
  );

  test.concurrent(
    'what it finds risky is not, and the user’s next message goes to a person',
    onStage(async (stage) => {
      await stage.say('审核 违规内容');
      await until(stage.isQuiet);
      expect(stage.texts()).toEqual([expect.stringMatching(wordsOfPerson)]);
      expect(await stage.say('怎么回事')).toMatchObject({ result: { MsgType: 'transfer_customer_service' } });
    }),
  );

  test.concurrent.each([
    ['87014, as the check of old said risky', { errcode: 87014 }],
    ['an error of its own', { errcode: -1 }],
    ['a quota that is used up', { errcode: 45009 }],
    ['nothing at all', { behaviour: 'cut' }],
    ['nonsense', { behaviour: 'garbage' }],
  ] as const)(
    'what it answers with %s about is not said, and goes to a person',
    onStage(async (stage, _what, fault) => {
      stage.emulator.faults.put([{ api: 'security.msgSecCheck', ...fault }]);
      await stage.say('审核 你好');
      await until(stage.isQuiet);
      expect(stage.texts()).toEqual([expect.stringMatching(wordsOfPerson)]);
      expect(await stage.say('怎么回事')).toMatchObject({ result: { MsgType: 'transfer_customer_service' } });
    }),
  );
});

describe('the local model', () => {
  test.concurrent(
    'takes longer than the rule gives it, and what the rule says otherwise is said',
    onStage(async (stage) => {
      await stage.misbehave('slow', { delayMs: 30_000 });
      const startedAt = Date.now();
      await stage.say('限时');
      await until(stage.isQuiet);
      expect(stage.texts()).toEqual(['otherwise']);
      expect(Date.now() - startedAt).toBeLessThan(15_000);
    }),
  );

  test.concurrent(
    'calls a tool on demand, and says what it heard',
    onStage(async (stage) => {
      await stage.misbehave('tool');
      await stage.say('几点发货');
      await until(stage.isQuiet);
      const [, second] = await stage.asked();
      expect(second?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool']);
      expect(stage.texts().join()).toContain('查到的结果是');
    }),
  );

  test.concurrent(
    'misbehaves where the user’s words say so, each way that REST knows',
    onStage(async (stage) => {
      const { behaviours } = (await stage.rest('GET', '/model')) as { behaviours: object };
      expect(Object.keys(behaviours)).toEqual(
        expect.arrayContaining(['slow', 'cut', 'busy', 'broken', 'garbage', 'empty', 'long', 'tool']),
      );
      expect(await stage.rest('PUT', '/model', { behaviour: 'sulks' })).toMatchObject({
        error: expect.stringContaining('slow, cut'),
      });
      await stage.say('几点发货 #tool');
      await until(stage.isQuiet);
      expect(stage.texts().join()).toContain('查到的结果是');
    }),
  );
});
