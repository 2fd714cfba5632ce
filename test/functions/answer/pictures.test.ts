import { describe, expect, test } from '@jest/globals';
import type { Files, WeChatReply } from '../../../shared/core/ports';
import { showPushes } from '../../../shared/functions/answer/shown';
import type { UnknownPush } from '../../../shared/wechat/pushes/pushes';
import { createWorld } from '../../world/world';

/** What a model is shown of what a user sent: words for all, and the pictures that can be had. */

const header = { ToUserName: 'wx1', FromUserName: 'oUser', CreateTime: 1 };
const text = (Content: unknown): UnknownPush => ({ ...header, MsgType: 'text', Content });
const image = (fields: object): UnknownPush => ({ ...header, MsgType: 'image', ...fields });
const largest = 4 * 1024 * 1024;
const png = (sizeBytes = 8) => {
  const bytes = new Uint8Array(sizeBytes);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return bytes;
};

interface Scene {
  readonly pictures?: boolean;
  readonly reply?: WeChatReply;
  readonly read?: Awaited<ReturnType<Files['read']>>;
}

async function shown(
  pushes: readonly UnknownPush[],
  {
    pictures = true,
    reply = { ok: true, file: { contentType: 'image/png', bytes: png() } },
    read,
  }: Scene = {},
) {
  const world = createWorld();
  const { ports } = world.createProcess();
  const asked: unknown[] = [];
  const files: Files = {
    ...ports.files,
    read: async (...address) => {
      asked.push(address);
      return read ?? { ok: false, errCode: -1, errMsg: '' };
    },
  };
  const call: typeof ports.wechat.call = async (...of) => {
    asked.push(of);
    return reply;
  };
  const answer = await showPushes(pushes, 'official', pictures, { ...ports, files, wechat: { call } });
  return { ...answer, asked, lines: world.lines };
}

describe('what a user sent', () => {
  test('is its words, a line each, and the kind of what has none', async () => {
    const pushes = [
      text('a'),
      { ...header, MsgType: 'voice', MediaId: 'v' },
      image({ MediaId: 'm' }),
      text(5),
      text('b'),
    ];
    expect(await shown(pushes, { pictures: false })).toEqual({
      text: 'a\n[voice]\n[图片]\n[text]\nb',
      pictures: [],
      asked: [],
      lines: [],
    });
  });

  test('is shown with its pictures, which need no words then', async () => {
    const picture = { contentType: 'image/png', bytes: png() };
    expect(await shown([text('a'), image({ MediaId: 'm' }), text('b')])).toEqual({
      text: 'a\nb',
      pictures: [picture],
      asked: [['getTempMedia', { media_id: 'm' }, 'official']],
      lines: [],
    });
  });

  test('is shown with its last three pictures; those before are words', async () => {
    const many = ['1', '2', '3', '4', '5'].map((MediaId) => image({ MediaId }));
    const { text: words, pictures, asked } = await shown([...many, text('x')]);
    expect([words, pictures.length]).toEqual(['[图片]\n[图片]\nx', 3]);
    expect(asked).toEqual(['3', '4', '5'].map((id) => ['getTempMedia', { media_id: id }, 'official']));
  });
});

describe('a picture', () => {
  const both = image({ MediaId: 'm', PicUrl: 'https://p.cn/x' });
  const refused = { ok: false, errCode: 40007, errMsg: '' } as const;

  test('is had by its address where its id is good for nothing, or it has none', async () => {
    const read = { ok: true, bytes: png() } as const;
    for (const reply of [refused, { ok: true, data: {} } as const]) {
      const { pictures, asked } = await shown([both], { reply, read });
      expect([pictures.length, asked.at(-1)]).toEqual([1, ['https://p.cn/x', largest]]);
    }
    expect((await shown([image({ PicUrl: 'http://p.cn/x' })], { read })).asked).toEqual([
      ['http://p.cn/x', largest],
    ]);
  });

  test.each<[string, UnknownPush, Scene]>([
    ['that is nowhere', image({ MediaId: 'm' }), { reply: refused }],
    ['whose address is none', image({ PicUrl: 'file:///etc/passwd' }), {}],
    ['whose address cannot be read', both, { reply: refused }],
    [
      'that is none',
      both,
      { reply: { ok: true, file: { contentType: 'image/png', bytes: new Uint8Array([1]) } } },
    ],
    [
      'that is a film',
      both,
      {
        reply: {
          ok: true,
          file: {
            contentType: 'video/mp4',
            bytes: Uint8Array.from([0, 0, 0, 0x18, 0x66, 0x74, 0x79, 0x70, 0x69]),
          },
        },
      },
    ],
    [
      'that is too large',
      both,
      { reply: { ok: true, file: { contentType: 'image/png', bytes: png(largest + 1) } } },
    ],
  ])('%s is a word, and the log shows it', async (_what, push, scene) => {
    const { text: words, pictures, lines } = await shown([push], scene);
    expect([words, pictures.length]).toEqual(['[图片]', 0]);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ step: 'picture', failed: true });
  });

  test('is asked for at no address but the web’s', async () => {
    for (const PicUrl of ['file:///etc/passwd', 'cloud://e/https:x', 5, undefined])
      expect((await shown([image({ PicUrl })])).asked).toEqual([]);
  });

  test('may have four megabytes', async () => {
    const reply = { ok: true, file: { contentType: 'image/png', bytes: png(largest) } } as const;
    expect((await shown([both], { reply })).pictures).toHaveLength(1);
  });
});
