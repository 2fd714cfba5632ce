import { expect, test } from '@jest/globals';
import type { Ports } from '../../../shared/core/ports';
import { answerLane, answerOverdue, type Outside } from '../../../shared/functions/answer/answer';
import type { AskModel, ModelMessage } from '../../../shared/functions/answer/model';
import { recallSaid } from '../../../shared/functions/conversations/recall';
import { kefuDesk } from '../../../shared/functions/desk/desk';
import { takePush } from '../../../shared/functions/receive/receive';
import type { ReplyRules } from '../../../shared/functions/rules/reply-rules';
import type { CallName } from '../../../shared/wechat/calls';
import type { UnknownPush } from '../../../shared/wechat/pushes/pushes';
import { depth } from '../../depth';
import { createWorld, type World } from '../../world/world';
import { lane, lin, pushOf, text, user } from './people';

/** A model and a person in one conversation: the model knows what was said, and not a word of it comes after a claim. */

const rules: ReplyRules = {
  rules: [
    { on: { text: 'rule' }, say: [text('by a rule')] },
    { on: { message: 'text' }, ask: { instructions: 'x' }, otherwise: { say: [text('otherwise')] } },
  ],
};

/** A model that says words one after the other, and what it was shown. */
function talker(world: World, says: readonly string[], calls: readonly string[] = []) {
  const shown: (readonly ModelMessage[])[] = [];
  const askModel: AskModel = async function* ({ messages }) {
    shown.push([...messages]);
    for (const name of calls) yield { kind: 'call', call: { id: name, name, input: '{}' } };
    for (const word of says) {
      yield { kind: 'text', text: `${word}\n\n` };
      await world.time.wait(700);
    }
  };
  return { shown, askModel };
}

function functionsIn(world: World, askModel: AskModel) {
  const outside: Outside = {
    askModel: () => askModel,
    callFunction: () => Promise.resolve(undefined),
    collection: () => {
      throw new Error('not asked for');
    },
    history: recallSaid,
  };
  const running: Promise<unknown>[] = [];
  const options = { desk: [lin], limitMs: 60_000 };
  const portsOf = (ports: Ports<CallName>) => ({
    ...ports,
    rules,
    outside,
    startFunction: async (name: `kefu-${string}`, data: object) => {
      await ports.startFunction(name, data);
      const { lane: started } = data as { lane?: string };
      if (started !== undefined) running.push(world.run((own) => answerLane(started, portsOf(own)), options));
    },
  });
  const door = { account: 'miniprogram', passive: false } as const;
  return {
    receive: (push: UnknownPush) => world.run((ports) => takePush(push, door, portsOf(ports)), options),
    timer: () => world.run((ports) => answerOverdue(portsOf(ports)), options),
    desk: (event: object) =>
      world.run((ports) => kefuDesk({}).handle(event, { source: 'wx_client', openid: lin }, ports), options),
    settle: async () => {
      for (let seen = -1; seen !== running.length; ) {
        seen = running.length;
        await Promise.all(running);
      }
    },
  };
}

test('a claim during a model’s stream: not a word after it, wherever in the stream it comes', async () => {
  let said = 0;
  for (let seed = 0; seed < depth(600); seed += 1) {
    const world = createWorld({ seed, lagMs: 2000, databaseMs: 30 });
    const words = ['a', 'b', 'c', 'd'].map((word) => word.repeat(600));
    const { receive, desk, settle, timer } = functionsIn(world, talker(world, words).askModel);
    let claimedAt = 0;
    const story = async () => {
      await receive(pushOf('rule'));
      await world.time.wait(3000);
      await receive(pushOf('x'));
      await world.time.wait(world.random() * 6000);
      const answer = await desk({ action: 'claim', id: lane });
      claimedAt = world.time.now();
      await settle();
      return answer;
    };
    expect(await world.time.until(story())).toMatchObject({ errCode: 0 });
    await world.time.pass(60_000);
    await world.time.until(timer().then(() => settle()));
    // What WeChat was being handed at that moment arrives in it; nothing after that does.
    expect(world.delivered.filter(({ at }) => at > claimedAt + 90)).toEqual([]);
    said += world.delivered.length - 1;
    expect(world.documents('kefu_jobs').filter(({ state }) => state === 'waiting')).toEqual([]);
  }
  expect(said).toBeGreaterThan(0);
}, 300_000);

test('a model is shown what was said before, by whom, and nothing of anybody else', async () => {
  const world = createWorld();
  const { shown, askModel } = talker(world, ['hello']);
  const { receive, desk, settle } = functionsIn(world, askModel);
  const story = async () => {
    await receive(pushOf('rule', { FromUserName: 'oOther' }));
    await receive(pushOf('rule'));
    await desk({ action: 'claim', id: lane });
    await desk({ action: 'say', id: lane, requestId: '1', message: text('by a person') });
    await desk({ action: 'note', id: lane, text: 'for colleagues' });
    await desk({ action: 'release', id: lane, to: 'bot' });
    await world.time.wait(3000);
    await receive(pushOf('and now?'));
    await settle();
  };
  await world.time.until(story());
  expect(shown).toMatchObject([
    [
      { role: 'system', content: 'x' },
      { role: 'user', content: 'rule' },
      { role: 'assistant', content: 'by a rule' },
      { role: 'assistant', content: 'by a person' },
      { role: 'user', content: 'and now?' },
    ],
  ]);
  const kept = world.documents('kefu_messages').filter(({ from }) => from === 'model');
  expect(kept).toMatchObject([{ lane, status: 'sent' }]);
});

test('a model that hands over has the user wait for a person of the desk, and says so', async () => {
  const world = createWorld();
  const { receive, settle } = functionsIn(world, talker(world, [], ['hand_over']).askModel);
  await world.time.until(receive(pushOf('help')).then(() => settle()));
  expect(world.delivered.map((one) => one.text)).toEqual(['已为您转接人工客服，请稍候。']);
  expect(world.documents('kefu_conversations')).toMatchObject([{ touser: user, state: 'waiting' }]);
  await world.time.until(receive(pushOf('help')).then(() => settle()));
  expect(world.delivered).toHaveLength(1);
});
