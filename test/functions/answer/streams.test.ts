import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { answerLane, type Outside } from '../../../shared/functions/answer/answer';
import type { AskModel } from '../../../shared/functions/answer/model';
import { takePush } from '../../../shared/functions/receive/receive';
import type { ReplyRules } from '../../../shared/functions/rules/reply-rules';
import { utf8Bytes } from '../../../shared/wechat/fields/utf8';
import { depth } from '../../depth';
import { createWorld } from '../../world/world';

/** Markdown of any shape and length, streamed in pieces of any size: what arrives of it. */

const link = (id: number) => `https://a.cn/p?x=${id}&y=a.b!c;d#end${id}`;
const sentence = fc.oneof(
  fc.constantFrom(
    '退换货须在签收后七天内申请。',
    '**请注意。一定要保留小票！**',
    'Please keep the **receipt**. ',
    '价格 3*4=12 元。',
    '👨‍👩‍👧 ',
  ),
  fc.nat(999).map((id) => `见[说明 ${id}](${link(id)})。`),
  fc.nat(999).map((id) => `或者 ${link(id)} 。`),
);
const sentences = fc.array(sentence, { minLength: 1, maxLength: 40 }).map((parts) => parts.join(''));
const block = fc.oneof(
  sentences,
  sentences.map((text) => `## ${text}`),
  sentences.map((text) => `> ${text}`),
  fc
    .array(sentences, { minLength: 1, maxLength: 6 })
    .map((items) => items.map((item) => `- ${item}`).join('\n')),
  fc
    .array(sentences, { minLength: 1, maxLength: 4 })
    .map((items) => items.map((item, at) => `${at + 1}. ${item}`).join('\n')),
  fc.constant('```js\nconst order = await find(id);\n\nreturn order;\n```'),
  fc.nat(999).map((id) => `| 项目 | 链接 |\n|---|---|\n| 运费 | ${link(id)} |`),
);
const story = fc.record({
  blocks: fc.array(block, { minLength: 1, maxLength: 12 }),
  cuts: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }),
  characters: fc.integer({ min: 50, max: 4000 }),
});

async function answer(markdown: string, cuts: readonly number[], characters: number): Promise<string[]> {
  const world = createWorld({ databaseMs: 1 });
  const askModel: AskModel = async function* () {
    for (let from = 0, piece = 0; from < markdown.length; piece += 1) {
      const end = from + (cuts[piece % cuts.length] ?? 1);
      yield { kind: 'text', text: markdown.slice(from, end) };
      from = end;
    }
  };
  const rules: ReplyRules = {
    rules: [{ on: { message: 'text' }, ask: { instructions: 'x', characters } }],
  };
  const outside: Outside = {
    askModel: () => askModel,
    callFunction: () => Promise.resolve(undefined),
    collection: () => {
      throw new Error('not asked for');
    },
    history: () => Promise.resolve([]),
  };
  const lanes: string[] = [];
  const startFunction = async (_name: string, data: object) =>
    void lanes.push((data as { lane: string }).lane);
  const push = {
    ToUserName: 'wx1',
    FromUserName: 'oUser',
    CreateTime: Math.floor(world.time.now() / 1000),
    MsgType: 'text',
    MsgId: '1',
    Content: 'x',
  };
  await world.time.until(
    world
      .run((ports) =>
        takePush(push, { account: 'miniprogram', passive: false }, { ...ports, rules, startFunction }),
      )
      .then(() => world.run((ports) => answerLane(lanes[0] ?? '', { ...ports, rules, outside }))),
  );
  return world.delivered.map(({ text }) => text);
}

test('for every text, streamed in any pieces, there are at most four messages, none too large, each link whole', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ blocks, cuts, characters }) => {
      const markdown = blocks.join('\n\n');
      const said = await answer(markdown, cuts, characters);
      expect(said.length).toBeGreaterThan(0);
      expect(said.length).toBeLessThanOrEqual(4);
      for (const message of said) {
        expect(utf8Bytes(message)).toBeLessThanOrEqual(2048);
        for (const [whole, id] of message.matchAll(/https:\/\/a\.cn\/p\?x=(\d*)\S*/g))
          expect(whole).toBe(link(Number(id)));
      }
      expect(said.join('')).not.toMatch(/\*\*|^#+ |\]\(|34=12/m);
    }),
    { numRuns: depth(2000) },
  );
}, 300_000);
