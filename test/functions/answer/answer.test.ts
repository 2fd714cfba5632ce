import { describe, expect, test } from '@jest/globals';
import { defaultOpenid as user } from '../../../emulator/emulator';
import { utf8Bytes } from '../../../shared/wechat/fields/utf8';
import { until } from '../../until';
import { type Stage, stagesFor } from './stage';

/** Answers by code and by a model: built functions, the real SDK, the local WeChat and the local model. */

const key = 'sk-never-to-be-seen-0123456789';
const onStage = stagesFor({ MODEL_KEY: key, MODEL_NAME: 'local' });

describe('an answer by a model', () => {
  test.concurrent(
    'is labelled, said once, and told nothing but instructions and the user’s words',
    onStage(async ({ say, texts, messages, entriesOf, asked, isQuiet, emulator }) => {
      expect(await say('几点发货')).toMatchObject({ result: 'success' });
      await until(isQuiet);
      expect(texts().join('\n')).toContain('“几点发货”');
      expect(texts().join('\n')).not.toContain('**');
      expect(messages().every(({ aimsgcontext }) => aimsgcontext !== undefined)).toBe(true);
      const requests = await asked();
      expect(requests).toHaveLength(1);
      expect(requests[0]).toMatchObject({
        hasKey: true,
        tools: [{ name: 'order_status' }, { name: 'hand_over' }],
      });
      expect(requests[0]?.messages.map(({ role }) => role)).toEqual(['system', 'user']);
      // The log has it where it belongs: in the call of kefu-answer that kefu-receive made.
      const [receiving, answering] = entriesOf('start');
      expect(answering).toMatchObject({ name: 'kefu-answer', by: receiving?.id });
      expect(entriesOf('model')).toMatchObject([
        { callId: answering?.id, said: expect.stringContaining('“几点发货”'), hasKey: true },
      ]);
      expect(JSON.stringify([emulator.log.since(0), emulator.database.dump()])).not.toContain(key);
    }),
  );

  test(
    'that takes 30 s keeps no push waiting, and shows that it is being written',
    onStage(async ({ say, misbehave, entriesOf, texts }) => {
      await say('plain');
      await misbehave('slow', { delayMs: 30_000 });
      const before = texts().length;
      expect(await say('几点发货')).toMatchObject({ result: 'success' });
      await until(() => entriesOf('typing').some(({ on }) => on));
      // The push was answered, and the model has not said a word.
      expect(texts()).toHaveLength(before);
    }),
  );

  test.concurrent(
    'is asked for once, however often the push is delivered',
    onStage(async ({ deliver, messageOf, texts, asked, timer, isQuiet, emulator }) => {
      const users = Array.from({ length: 6 }, (_, index) => `oUser${index}`);
      for (const openid of users)
        emulator.world.say('miniprogram', openid, { MsgType: 'text', Content: 'x' });
      const pushes = users.map((openid) => messageOf('几点发货', openid));
      await Promise.all([...pushes, ...pushes, ...pushes].map(deliver));
      await until(isQuiet);
      await Promise.all(pushes.map(deliver));
      await timer();
      expect(await asked()).toHaveLength(users.length);
      for (const openid of users) expect(new Set(texts(openid)).size).toBe(texts(openid).length);
    }),
  );

  test.concurrent(
    'to three messages in two seconds is one',
    onStage(async ({ say, asked, isQuiet }) => {
      await Promise.all(['在吗', '我想问', '几点发货'].map((content) => say(content)));
      await until(isQuiet);
      const requests = await asked();
      expect(requests).toHaveLength(1);
      expect(requests[0]?.messages.at(-1)?.content.split('\n').toSorted()).toEqual(
        ['在吗', '我想问', '几点发货'].toSorted(),
      );
    }),
  );

  test.concurrent(
    'that is overtaken by another message is dropped, and both are answered together',
    onStage(async ({ say, texts, misbehave, entriesOf, asked, isQuiet }) => {
      await misbehave('slow', { delayMs: 6000, times: 1 });
      await say('第一');
      await until(() => entriesOf('typing').length > 0);
      await new Promise((resolve) => setTimeout(resolve, 3500));
      await say('第二');
      await until(isQuiet);
      expect((await asked()).map(({ messages: sent }) => sent.at(-1)?.content)).toEqual([
        '第一',
        '第一\n第二',
      ]);
      expect(texts().filter((text) => text.includes('第一 第二'))).toHaveLength(1);
      expect(texts().some((text) => text.includes('“第一”'))).toBe(false);
    }),
  );

  test.concurrent(
    'of 20 KB comes in at most four messages, each link whole',
    onStage(async ({ say, texts, isQuiet }) => {
      await say('请详细说明 #long');
      await until(isQuiet);
      const parts = texts();
      expect(parts.length).toBeGreaterThan(1);
      expect(parts.length).toBeLessThanOrEqual(4);
      for (const part of parts) expect(utf8Bytes(part)).toBeLessThanOrEqual(2048);
      const links = parts.flatMap((part) => part.match(/https?:\S*/g) ?? []);
      for (const link of links)
        expect(link).toMatch(/^https:\/\/example\.com\/(?:help\/(\d+)\?from=chat&page=\1#top|fee\/\d+)$/);
      expect(links.length).toBeGreaterThan(2);
      expect(parts.join('')).not.toMatch(/\*\*|^#|```|\]\(/m);
    }),
  );

  test.concurrent.each(['cut', 'garbage', 'empty', 'broken', 'busy'])(
    'that is %s is what the rule says otherwise',
    onStage(async ({ misbehave, say, quietSoon, texts }, how: string) => {
      await misbehave(how, { times: how === 'cut' ? 1 : 1e9 });
      await say('几点发货');
      await quietSoon();
      expect(texts().at(-1)).toBe('otherwise');
    }),
  );

  test.concurrent(
    'is asked for again where the model was busy',
    onStage(async ({ say, texts, misbehave, asked, quietSoon }) => {
      await misbehave('busy', { times: 2 });
      await say('几点发货');
      await quietSoon();
      expect(await asked()).toHaveLength(3);
      expect(texts().join()).toContain('“几点发货”');
    }),
  );

  test.concurrent(
    'that WeChat finds risky is not said',
    onStage(async ({ say, texts, messages, isQuiet, emulator }) => {
      await say('检查 你好');
      await until(isQuiet);
      expect(texts().join()).toContain('检查 你好');
      expect(messages().every(({ aimsgcontext }) => aimsgcontext === undefined)).toBe(true);
      emulator.reset();
      await say('检查 违规内容');
      await until(isQuiet);
      expect(texts().join()).not.toContain('违规内容');
      expect(texts()).toContain('otherwise');
    }),
  );
});

describe('a hand-over', () => {
  test.concurrent(
    'that a model asks for takes place with the user’s next message',
    onStage(async ({ say, texts, isQuiet }) => {
      await say('我要真人');
      await until(isQuiet);
      expect(texts().join()).toContain('人工客服');
      expect(await say('我的快递丢了')).toMatchObject({ result: { MsgType: 'transfer_customer_service' } });
    }),
  );

  test.concurrent(
    'while a model thinks leaves it not a word',
    onStage(async ({ say, texts, misbehave, entriesOf, isQuiet }) => {
      await misbehave('slow', { delayMs: 3000 });
      await say('几点发货');
      await until(() => entriesOf('typing').length > 0);
      expect(await say('转人工')).toMatchObject({ result: { MsgType: 'transfer_customer_service' } });
      await until(isQuiet);
      expect(texts()).toEqual([]);
    }),
  );
});

describe('an order', () => {
  const order = ({ emulator }: Stage, number: string, openid: string) =>
    emulator.database.handle('database.insertDocument', {
      collectionName: 'orders',
      data: [JSON.stringify({ number, _openid: openid, status: '已发货', carrier: '顺丰', tracking: 'SF1' })],
    });

  test.concurrent(
    'is looked up by code, the user’s own and nobody else’s',
    onStage(async (stage) => {
      const { say, texts, isQuiet, emulator } = stage;
      await emulator.database.handle('database.addCollection', { collectionName: 'orders' });
      await order(stage, 'KF20260001', user);
      await order(stage, 'KF20260002', 'oSomebodyElse');
      await say('KF20260001');
      await until(isQuiet);
      expect(texts()).toEqual([expect.stringContaining('已发货')]);
      await say('KF20260002');
      await until(() => texts().length === 2 && isQuiet());
      expect(texts()[1]).toContain('没有找到');
    }),
  );

  test.concurrent(
    'whose code fails is answered with what the rule says otherwise',
    onStage(async ({ say, texts, isQuiet }) => {
      await say('throws');
      await until(isQuiet);
      expect(texts()).toEqual(['otherwise']);
    }),
  );
});

describe('a job', () => {
  test.concurrent(
    'whose start was lost, or whose instance was killed, is taken up by the timer and done once',
    onStage(async ({ say, texts, misbehave, asked, timer, isQuiet, emulator }) => {
      await misbehave('slow', { delayMs: 60_000, times: 1 });
      await say('几点发货');
      while ((await asked()).length === 0) await new Promise((resolve) => setTimeout(resolve, 100));
      emulator.runner.recycle();
      emulator.clock.advance(12_000);
      await timer();
      await until(isQuiet);
      expect(texts().filter((text) => text.includes('“几点发货”'))).toHaveLength(1);
      await timer();
      expect(texts().filter((text) => text.includes('“几点发货”'))).toHaveLength(1);
    }),
  );
});
