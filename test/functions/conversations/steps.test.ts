import { describe, expect, test } from '@jest/globals';
import { silenceMs } from '../../../shared/functions/conversations/states';
import { depth } from '../../depth';
import { createWorld } from '../../world/world';
import { deskIn, lane, lin, pushOf, text, user, wang } from './people';

/** Who speaks, and that it is one at a time: claims that race, instances that die, reads that are two seconds old. */

const minute = 60_000;

describe('a claim', () => {
  test(`of several at once is one’s alone, and the others are told whose: ${depth(1000)} races`, async () => {
    const people = ['oLin', 'oWang', 'oChen', 'oZhao'];
    for (let race = 0; race < depth(1000); race += 1) {
      const world = createWorld({ seed: race, lagMs: [0, 500, 2000][race % 3] ?? 0 });
      const { desk, receive } = deskIn(world, people);
      const racing = people.slice(0, 2 + (race % 3));
      const story = async () => {
        await receive(pushOf('hi'));
        await world.time.wait(3000);
        return Promise.all(racing.map((openid) => desk(openid, { action: 'claim', id: lane })));
      };
      const answers = await world.time.until(story());
      const won = answers.filter(({ errCode }) => errCode === 0);
      expect(won).toHaveLength(1);
      const [{ conversation } = { conversation: {} }] = won;
      const { agent } = conversation as { agent: string };
      for (const answer of answers)
        if (answer.errCode !== 0) expect(answer).toMatchObject({ code: 'taken', agent });
    }
  }, 300_000);

  test('that dies at any of its effects leaves the conversation free or whole, and the next claim tells which', async () => {
    for (let dieAt = 1; dieAt <= 12; dieAt += 1)
      for (const dieAfter of [false, true]) {
        const world = createWorld({ seed: dieAt });
        const { desk, receive } = deskIn(world);
        await world.time.until(receive(pushOf('hi')));
        await world.time.until(desk(lin, { action: 'claim', id: lane }, { dieAt, dieAfter }));
        const again = await world.time.until(desk(lin, { action: 'claim', id: lane }));
        expect(again).toMatchObject({ errCode: 0, conversation: { state: 'person', agent: lin } });
        expect(await world.time.until(desk(wang, { action: 'claim', id: lane }))).toMatchObject({
          code: 'taken',
          agent: lin,
        });
      }
  });

  test('whose answer of the database was lost is found to have been one’s own', async () => {
    for (const mishap of ['before', 'after', 'late'] as const) {
      const world = createWorld();
      const { desk, receive } = deskIn(world);
      await world.time.until(receive(pushOf('hi')));
      world.meet({ database: [undefined, undefined, undefined, mishap, mishap] });
      const answer = await world.time.until(desk(lin, { action: 'claim', id: lane }));
      expect(answer).toMatchObject({ errCode: 0, conversation: { agent: lin } });
    }
  });
});

describe('from a claim on', () => {
  test('no rule speaks, wherever between the steps of a push the claim comes', async () => {
    for (let seed = 0; seed < depth(1000); seed += 1) {
      const world = createWorld({ seed, lagMs: 2000, databaseMs: 40, wechatMs: 60 });
      const { desk, receive } = deskIn(world);
      let claimedAt = 0;
      const story = async () => {
        await receive(pushOf('hi'));
        await world.time.wait(3000);
        const push = receive(pushOf('three'));
        await world.time.wait(world.random() * 500);
        const claim = await desk(lin, { action: 'claim', id: lane });
        claimedAt = world.time.now();
        await push;
        await receive(pushOf('hi'));
        return claim;
      };
      expect(await world.time.until(story())).toMatchObject({ errCode: 0 });
      // What WeChat was being handed at that moment arrives in it; nothing after that does.
      const late = world.delivered.filter(({ at }) => at > claimedAt + 3 * 90);
      expect(late).toEqual([]);
    }
  }, 300_000);

  test('what a rule had waiting in the outbox is given up', async () => {
    const world = createWorld();
    const { desk, receive, said } = deskIn(world);
    world.meet({ wechat: [{ kind: 'errcode', errCode: -1 }] });
    await world.time.until(receive(pushOf('hi')));
    expect(said()).toEqual(['user hi received', 'rule hello waiting']);
    await world.time.until(desk(lin, { action: 'claim', id: lane }));
    expect(world.documents('kefu_outbox')).toMatchObject([{ state: 'dead', code: 'handed-over' }]);
    expect(said()).toEqual(['user hi received', 'rule hello failed', 'event claimed sent']);
  });

  test('until it is released, closed, or its person has said nothing for half an hour', async () => {
    const ends = [
      (desk: ReturnType<typeof deskIn>['desk']) => desk(lin, { action: 'release', id: lane, to: 'bot' }),
      (desk: ReturnType<typeof deskIn>['desk']) => desk(lin, { action: 'close', id: lane }),
      undefined,
    ];
    for (const end of ends) {
      const world = createWorld();
      const { desk, receive, conversation } = deskIn(world);
      await world.time.until(receive(pushOf('hi')));
      await world.time.until(desk(lin, { action: 'claim', id: lane }));
      await world.time.until(receive(pushOf('hi')));
      expect(world.delivered).toHaveLength(1);
      if (end === undefined) await world.time.pass(silenceMs);
      else expect(await world.time.until(end(desk))).toMatchObject({ errCode: 0 });
      await world.time.until(receive(pushOf('hi')));
      expect(world.delivered.map((one) => one.text)).toEqual(['hello', 'hello']);
      expect(conversation()).toMatchObject({ state: 'bot', agent: '' });
    }
  });

  test('who has it may speak, and nobody else; what is said begins the half hour anew', async () => {
    const world = createWorld();
    const { desk, receive } = deskIn(world);
    const say = (openid: string, requestId: string) =>
      world.time.until(desk(openid, { action: 'say', id: lane, requestId, message: text(requestId) }));
    await world.time.until(receive(pushOf('hi')));
    expect(await say(lin, 'a')).toMatchObject({ code: 'taken' });
    await world.time.until(desk(lin, { action: 'claim', id: lane }));
    expect(await say(lin, 'b')).toMatchObject({ errCode: 0 });
    expect(await say(wang, 'c')).toMatchObject({ code: 'taken', agent: lin });
    await world.time.pass(20 * minute);
    expect(await say(lin, 'd')).toMatchObject({ errCode: 0 });
    await world.time.pass(20 * minute);
    expect(await say(lin, 'e')).toMatchObject({ errCode: 0 });
    await world.time.until(desk(lin, { action: 'release', id: lane, to: wang }));
    expect(await say(lin, 'f')).toMatchObject({ code: 'taken', agent: wang });
    expect(await say(wang, 'g')).toMatchObject({ errCode: 0 });
    await world.time.pass(silenceMs);
    expect(await say(wang, 'h')).toMatchObject({ code: 'taken' });
    expect(world.delivered.map((one) => one.text)).toEqual(['hello', 'b', 'd', 'e', 'g']);
  });
});

describe('handing on, releasing and closing', () => {
  test('that die at any of their effects are done or not, and are done by the next try', async () => {
    const events = [
      { event: { action: 'release', to: wang }, done: { state: 'person', agent: wang } },
      { event: { action: 'release', to: 'waiting' }, done: { state: 'waiting', agent: '' } },
      { event: { action: 'release', to: 'bot' }, done: { state: 'bot', agent: '' } },
      { event: { action: 'close' }, done: { state: 'closed', agent: '' } },
    ];
    for (const { event, done } of events)
      for (let dieAt = 1; dieAt <= 10; dieAt += 1) {
        const world = createWorld({ seed: dieAt });
        const { desk, receive, conversation } = deskIn(world);
        await world.time.until(receive(pushOf('hi')));
        await world.time.until(desk(lin, { action: 'claim', id: lane }));
        const dying = { dieAt, dieAfter: dieAt % 2 === 0 };
        await world.time.until(desk(lin, { ...event, id: lane }, dying));
        const found = conversation();
        const seen = { state: found?.['state'], agent: found?.['agent'] };
        expect([{ state: 'person', agent: lin }, done]).toContainEqual(seen);
        await world.time.until(desk(lin, { ...event, id: lane }));
        expect(conversation()).toMatchObject(done);
      }
  });
});

describe('what a person says', () => {
  test('arrives once, wherever its instance dies and however often it is repeated', async () => {
    for (let dieAt = 1; dieAt <= 14; dieAt += 1)
      for (const dieAfter of [false, true]) {
        const world = createWorld({ seed: dieAt });
        const { desk, receive, said } = deskIn(world);
        const event = { action: 'say', id: lane, requestId: 'r', message: text('x') };
        const story = async () => {
          await receive(pushOf('hi'));
          await desk(lin, { action: 'claim', id: lane });
          await desk(lin, event, { dieAt, dieAfter });
          return desk(lin, event, { limitMs: 20 * minute });
        };
        const answer = await world.time.until(story());
        const arrived = world.delivered.filter((one) => one.text === 'x').length;
        expect(arrived).toBeLessThanOrEqual(1);
        const kept = said().filter((line) => line.startsWith('person'));
        if (answer.errCode === 0) expect([arrived, kept]).toEqual([1, ['person x sent']]);
        else {
          expect(answer).toMatchObject({ code: 'unknown-delivery' });
          for (const line of kept) expect(line).toBe('person x unknown');
        }
      }
  });
});

describe('a rule that asks for a person', () => {
  test('has the user wait for one of the desk; the bot is silent, and WeChat’s own tool does not take it', async () => {
    const world = createWorld();
    const { receive, conversation, said } = deskIn(world);
    expect(await world.time.until(receive(pushOf('person')))).toBe('success');
    expect(conversation()).toMatchObject({ state: 'waiting', agent: '', unread: 1 });
    expect(await world.time.until(receive(pushOf('hi')))).toBe('success');
    expect(world.delivered.map((one) => one.text)).toEqual(['wait']);
    expect(said()).toEqual([
      'user person received',
      'rule wait sent',
      'event asked received',
      'user hi received',
    ]);
  });

  test('tells those who are away, once a waiting, and nobody who is at the desk', async () => {
    const world = createWorld();
    const { desk, receive } = deskIn(world);
    const told = () => world.started.filter(({ name }) => name === 'kefu-notify');
    await world.time.pass(10 * minute);
    await world.time.until(desk(lin, { action: 'list' }));
    const push = pushOf('quiet');
    await world.time.until(receive(push));
    await world.time.until(receive(push));
    await world.time.until(receive(pushOf('quiet')));
    expect(told()).toMatchObject([{ data: { type: 'desk-waiting', touser: wang, data: { text: 'quiet' } } }]);
  });

  test('hands over to WeChat’s tool where it says so, and where there is no desk', async () => {
    const transfer = { MsgType: 'transfer_customer_service' };
    const world = createWorld();
    expect(await world.time.until(deskIn(world).receive(pushOf('elsewhere')))).toMatchObject(transfer);
    expect(await world.time.until(deskIn(world, []).receive(pushOf('quiet')))).toMatchObject(transfer);
  });
});

describe('a push', () => {
  test('answered by a rule costs seven round trips in three waits where conversations are kept', async () => {
    const world = createWorld({ databaseMs: 100, wechatMs: 1 });
    const { receive } = deskIn(world);
    await world.time.until(receive(pushOf('hi')));
    const [trips, startedAt] = [world.databaseCalls, world.time.now()];
    await world.time.until(receive(pushOf('hi')));
    expect(world.databaseCalls - trips).toBe(7);
    expect(world.time.now() - startedAt).toBeLessThan(3 * 150 + 10);
  });

  test('that dies at any of its steps is kept once, with what was said to it, and opens what was closed', async () => {
    for (let dieAt = 1; dieAt <= 12; dieAt += 1) {
      const world = createWorld({ seed: dieAt });
      const { receive, said, conversation } = deskIn(world);
      const push = pushOf('hi');
      const story = async () => {
        await receive(push, { dieAt, dieAfter: dieAt % 2 === 0 });
        await world.time.wait(10_000);
        return receive(push);
      };
      expect(await world.time.until(story())).toBe('success');
      expect(said().filter((line) => line.startsWith('user'))).toEqual(['user hi received']);
      expect(said().filter((line) => line.startsWith('rule')).length).toBeLessThanOrEqual(1);
      expect(conversation()).toMatchObject({ state: 'bot', touser: user });
    }
  });

  test('that answers the question how it was is taken down and thanked for, by no rule', async () => {
    const world = createWorld();
    const { desk, receive, said, conversation } = deskIn(world);
    await world.time.until(receive(pushOf('hi')));
    await world.time.until(desk(lin, { action: 'close', id: lane }));
    await world.time.until(receive(pushOf('三', { bizmsgmenuid: 'kefu-satisfaction-3' })));
    expect(said().slice(-3)).toEqual([
      'user 三 received',
      'rule 感谢您的评价！ sent',
      'event satisfaction received',
    ]);
    expect(conversation()).toMatchObject({ state: 'closed' });
  });
});
