import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { defaultOpenid as user } from '../../emulator/emulator';
import { openStage, type Stage } from '../functions/answer/stage';
import { cloudNodes } from '../scripts/bundle/nodes';
import { until } from '../until';

/** Every function does its work on the Node that runs the tests, and on those of the cloud where they are installed. */

const person = 'oOPERATOR-lin';
const text = (content: string) => ({ msgtype: 'text', text: { content } });
const secret = 'local-secret-known-to-everybody-here';

describe.each(cloudNodes)('on Node $name', ({ file }) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(
      {
        KEFU_HISTORY_DAYS: '30',
        KEFU_OPERATORS: person,
        KEFU_CLIENT_FILES: '*',
        OFFICIAL_APPID: 'wx00000000000000ff',
        GATEWAY_CLIENTS: `shop:${secret}`,
      },
      { node: file },
    );
  }, 120_000);
  afterAll(() => stage.close());

  const call = async (name: string, data: object, openid: string | undefined, source = 'wx_client') => {
    const invoked = await stage.emulator.call({ name, data, source, openid });
    const answer = (invoked.ok ? invoked.result : invoked) as Record<string, unknown>;
    expect([name, data, answer]).toEqual([name, data, expect.objectContaining({ errCode: 0 })]);
    return answer;
  };

  test('an answer is made by a model, and told what was said before', async () => {
    for (const words of ['几点发货', '多久到']) {
      const before = stage.texts().length;
      expect(await stage.say(words)).toMatchObject({ result: 'success' });
      await until(() => stage.texts().length > before && stage.isQuiet());
      expect(stage.texts().join()).toContain(`“${words}”`);
    }
    const [, second] = await stage.asked();
    expect(second?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
  });

  test('messages, media, templates and notices are sent, kept and drained', async () => {
    stage.emulator.world.say('miniprogram', user, { MsgType: 'text', Content: '在吗' });
    await call('kefu-typing', { command: 'CancelTyping' }, user);
    await call('kefu-send', { ...text('好'.repeat(700)), split: true, window: true, requestId: 'r' }, user);
    await call('kefu-send', { messages: [text('a')], queue: true }, user);
    expect(await call('kefu-outbox', {}, undefined, 'wx_trigger')).toMatchObject({ sent: 1 });
    await call('kefu-outbox', { action: 'list' }, person);
    const { mediaId } = await call('kefu-upload-media', { fileID: stage.emulator.sampleFileID }, user);
    await call('kefu-get-media', { mediaId }, user);
    stage.emulator.world.meet('official', user);
    const data = { first: { value: 'x' } };
    await call('kefu-template-send', { template_id: 'TEMPLATE_ID', data }, user);
    stage.emulator.world.subscribe(user, 'TEMPLATE_ID', 1);
    await call('kefu-subscribe-send', { template_id: 'TEMPLATE_ID', data: { thing1: { value: 'x' } } }, user);
    await call('kefu-notify', {}, user);
  });

  test('the desk shows, takes, says, counts and hands out', async () => {
    await stage.say('人工');
    const list = await call('kefu-desk', { action: 'list' }, person);
    const id = (list['conversations'] as { id: string }[])[0]?.id;
    for (const event of [
      { action: 'open', id },
      { action: 'claim', id },
      { action: 'say', id, requestId: 's', message: text('我来') },
      { action: 'note', id, text: '等' },
      { action: 'changes', since: 0, id },
      { action: 'canned', save: { title: '好', text: '好' } },
      { action: 'team', name: '小林' },
      { action: 'stats' },
      { action: 'export', id },
      { action: 'release', id, to: 'bot' },
      { action: 'close', id },
      { action: 'erase', id },
    ])
      await call('kefu-desk', event, person);
  });

  test('the gateway gives tokens and sends', async () => {
    stage.emulator.world.say('miniprogram', user, { MsgType: 'text', Content: '在吗' });
    const ask = async (path: string, body?: object) => {
      const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
      return (await (await fetch(`${stage.emulator.url}/gateway/cgi-bin/${path}`, init)).json()) as {
        access_token?: string;
      };
    };
    const { access_token: token } = await ask(
      `token?grant_type=client_credential&appid=shop&secret=${secret}`,
    );
    const sends = `message/custom/send?access_token=${token}`;
    expect(await ask(sends, { touser: user, ...text('hi') })).toEqual({ errcode: 0, errmsg: 'ok' });
  });
});
