import { expect, test } from '@jest/globals';
import { orderRule } from '../../../shared/functions/answer/example-answers';
import { checkRules } from '../../../shared/functions/rules/check-rules';
import { exampleRules } from '../../../shared/functions/rules/example-rules';
import { renderRules } from '../../../shared/functions/rules/render-rules';
import { decideReply } from '../../../shared/functions/rules/reply-rules';
import { rules } from '../../../shared/rules';

/** What a fresh deployment answers, and how a table is shown to whoever is asked whether it may go live. */

test('a fresh table says nothing by itself and hands every message on to a person', () => {
  expect(checkRules(rules)).toEqual([]);
  expect(renderRules(rules)).toEqual(['any message: hands over to a person']);
  const push = {
    ToUserName: 'gh',
    FromUserName: 'oUser',
    CreateTime: 1,
    MsgType: 'text',
    Content: '1',
    MsgId: '1',
  };
  for (const account of ['miniprogram', 'official'] as const)
    expect(decideReply(rules, push, account)).toMatchObject({ say: [], transfer: {} });
});

test('each rule is one line, in the order in which they are asked', () => {
  const lines = renderRules(exampleRules);
  expect(lines).toHaveLength(exampleRules.rules.length + 1);
  expect(lines.every((line) => !line.includes('\n'))).toBe(true);
  expect(lines[2]).toBe('3. click on "person": hands over to a person');
  expect(lines[3]).toBe('4. text "3", "人工", "客服": hands over to a person');
  expect(lines[6]).toBe(
    '7. text like /\\bKF\\d{8}\\b/i: shows the typing sign, says "已收到订单号，物流进度可在“我的订单”中查看。"',
  );
  expect(lines.at(-3)).toBe('13. text "菜单" (official): says a msgmenu');
  expect(lines.at(-1)).toBe('any other message: says "抱歉，没有理解您的问题。回复 1 查物流，2 退…"');
});

test('who makes an answer is named, and what is said where nothing comes of that', () => {
  expect(
    renderRules({ rules: [orderRule, { on: { message: 'text' }, ask: { instructions: 'x' } }] }),
  ).toEqual([
    '1. text like /\\bKF\\d{8}\\b/i: runs orderStatus, or else says "订单暂时查不到，请稍后再试，或回复“人工”。"',
    '2. a message of type text: asks a model, told "x"',
    'any other message: nothing',
  ]);
  const otherwise = {
    say: [{ msgtype: 'text', text: { content: 'a moment' } }],
    run: (
      () => async () =>
        undefined
    )(),
    otherwise: { transfer: true },
  } as const;
  expect(renderRules({ rules: [], otherwise })).toEqual([
    'any message: says "a moment", runs code, or else hands over to a person',
  ]);
});

test('what is done besides is named too', () => {
  expect(
    renderRules({
      rules: [
        { on: { message: 'image' }, keep: true },
        {
          on: { event: 'CLICK', key: 'help' },
          typing: true,
          say: [{ msgtype: 'text', text: { content: 'a\nb' } }],
        },
        { on: { message: 'any' }, transfer: { kf_account: 'a@b' } },
      ],
    }),
  ).toEqual([
    '1. a message of type image: saves the file',
    '2. event CLICK with key help: shows the typing sign, says "a b"',
    '3. any message: hands over to a@b',
    'any other message: nothing',
  ]);
});
