import { describe, expect, test } from '@jest/globals';
import type { Files, Ports, WeChat } from '../../../shared/core/ports';
import { receive } from '../../../shared/functions/receive/receive';
import type { ReplyRules } from '../../../shared/functions/receive/reply-rules';
import { createWorld } from '../outbox/outbox-world';

/** Rules that the bundle does not ship, and answers that come too late; over an atomic database in memory. */

const rules: ReplyRules = {
  rules: [
    { on: { message: 'image' }, keep: true },
    {
      on: { text: 'three' },
      say: [
        { msgtype: 'text', text: { content: 'one' } },
        { msgtype: 'text', text: { content: 'two' } },
        { msgtype: 'text', text: { content: 'three' } },
      ],
    },
  ],
};

const push = (fields: object) => ({
  ToUserName: 'wx1',
  FromUserName: 'oUser',
  CreateTime: 1_700_000_000,
  ...fields,
});
const caller = { source: '', openid: 'oUser' };

function portsOf(world: ReturnType<typeof createWorld>, changes: Partial<Ports> = {}) {
  const { ports } = world.createProcess();
  return { ...ports, ...changes, rules, holder: 'holder' };
}

describe('a push', () => {
  test('whose rule keeps what the user sent saves the picture, and says nothing', async () => {
    const written: { path: string; bytes: Uint8Array }[] = [];
    const files: Files = {
      read: async () => ({ ok: false, errCode: -503003, errMsg: 'not asked for' }),
      write: async (path, bytes) => {
        written.push({ path, bytes });
        return { ok: true, fileID: `cloud://x/${path}` };
      },
    };
    const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const asked: string[] = [];
    const wechat: WeChat = {
      call: async (name, payload) => {
        asked.push(`${name} ${JSON.stringify(payload)}`);
        return { ok: true, file: { contentType: 'image/png', bytes: png } };
      },
    };
    const ports = portsOf(createWorld(), { files, wechat });
    expect(
      await receive(push({ MsgType: 'image', MediaId: 'M1', PicUrl: 'http://p', MsgId: '1' }), caller, ports),
    ).toBe('success');
    expect(asked).toEqual(['getTempMedia {"media_id":"M1"}']);
    expect(written).toEqual([{ path: expect.stringMatching(/^kefu-media\/[0-9a-f]{32}\.png$/), bytes: png }]);
  });

  test('whose answers do not all fit into the time sends what fits and keeps the rest for the outbox', async () => {
    const world = createWorld();
    const usual = portsOf(world);
    let now = usual.clock.now();
    const sent: unknown[] = [];
    const wechat: WeChat = {
      call: async (_name, payload) => {
        sent.push(payload);
        // WeChat takes its time.
        now += 3500;
        return { ok: true, data: {} };
      },
    };
    const ports = { ...usual, wechat, clock: { now: () => now, remainingMs: () => 20_000 } };
    expect(await receive(push({ MsgType: 'text', Content: 'three', MsgId: '1' }), caller, ports)).toBe(
      'success',
    );
    expect(sent).toMatchObject([{ text: { content: 'one' } }]);
    const kept = await ports.documents.find('kefu_outbox', { state: 'waiting' }, { order: [['seq', 'asc']] });
    expect(
      kept.map(({ payload }) => (JSON.parse(String(payload)) as { message: object }).message),
    ).toMatchObject([{ text: { content: 'two' } }, { text: { content: 'three' } }]);
  });
});
