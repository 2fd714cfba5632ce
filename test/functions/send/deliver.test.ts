import { describe, expect, test } from '@jest/globals';
import { kefuSend } from '../../../shared/functions/send/send';
import { createWorld, type Mishap, type World } from '../../world/world';

/** What becomes of files on their way: their media ids, remembered and replaced. */

const caller = { source: 'wx_client,scf', openid: 'oUser' };
const hour = 3_600_000;

type Result = Record<string, unknown>;

/** A PNG of this size, as far as anybody reads it. */
function png(width: number, height: number): Uint8Array {
  const bytes = new Uint8Array(40);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  new DataView(bytes.buffer).setUint32(16, width);
  new DataView(bytes.buffer).setUint32(20, height);
  return bytes;
}

const image = (fileID: string) => ({ msgtype: 'image', image: { fileID } });
const card = (thumbFileID: string) => ({
  msgtype: 'miniprogrampage',
  miniprogrampage: { title: 't', pagepath: 'p', thumbFileID },
});

/** A world in which uploads are answered with `M1`, `M2` …, and files are in the storage. */
function storing(files: { readonly [path: string]: Uint8Array }) {
  const world = createWorld();
  let uploads = 0;
  const uploaded: object[] = [];
  const reads: string[] = [];
  const send = (event: object, limitMs = 1e9) =>
    world.time.until(
      world.run(
        (ports) =>
          kefuSend.handle({ touser: 'oUser', ...event }, caller, {
            ...ports,
            files: {
              ...ports.files,
              read: async (fileID, maxBytes) => {
                reads.push(`${fileID} ${maxBytes}`);
                const bytes = files[fileID.replace('cloud://e/', '')];
                return bytes === undefined
                  ? { ok: false, errCode: -503003, errMsg: 'no such file' }
                  : { ok: true, bytes };
              },
            },
            wechat: {
              call: async (name, payload, account) => {
                const reply = await ports.wechat.call(name, payload, account);
                if (name !== 'uploadTempMedia' || !reply.ok) return reply;
                uploaded.push(payload);
                uploads += 1;
                return { ok: true, data: { media_id: `M${uploads}`, created_at: world.time.now() / 1000 } };
              },
            },
          }),
        { limitMs },
      ),
    ) as Promise<Result>;
  return { world, send, uploaded, reads };
}

const sentWith = (world: World) =>
  world.calls
    .filter(({ name }) => name === 'sendCustomMessage')
    .map(({ payload }) => (payload as { image: object }).image);

const unknownMedia: Mishap = { kind: 'errcode', errCode: 40007 };

describe('a file in cloud storage', () => {
  test('is uploaded once while WeChat has it, and again in its last hour there', async () => {
    const { world, send, reads } = storing({ 'a.png': png(10, 10) });
    for (const passMs of [0, 70 * hour, 2 * hour]) {
      await world.time.pass(passMs);
      expect(await send(image('cloud://e/a.png'))).toEqual({ errCode: 0, errMsg: 'ok' });
    }
    expect(sentWith(world)).toEqual([{ media_id: 'M1' }, { media_id: 'M1' }, { media_id: 'M2' }]);
    expect(reads).toHaveLength(2);
  });

  test('whose media id WeChat no longer knows is uploaded anew, once', async () => {
    const { world, send } = storing({ 'a.png': png(10, 10) });
    await send(image('cloud://e/a.png'));
    world.meet({ wechat: [unknownMedia] });
    expect(await send(image('cloud://e/a.png'))).toMatchObject({ errCode: 0 });
    expect(sentWith(world)).toEqual([{ media_id: 'M1' }, { media_id: 'M1' }, { media_id: 'M2' }]);
    world.meet({ wechat: [unknownMedia, undefined, unknownMedia] });
    expect(await send(image('cloud://e/a.png'))).toMatchObject({ errCode: 40007 });
    expect(sentWith(world)).toHaveLength(5);
    world.meet({ wechat: [unknownMedia, { kind: 'errcode', errCode: -1 }] });
    expect(await send(image('cloud://e/a.png'))).toMatchObject({ errCode: -1 });
    expect(sentWith(world)).toHaveLength(6);
  });

  test('is not looked for after another refusal, nor for a media id of the caller’s own', async () => {
    const { world, send, uploaded } = storing({ 'a.png': png(10, 10) });
    world.meet({ wechat: [undefined, { kind: 'errcode', errCode: -1 }] });
    expect(await send(image('cloud://e/a.png'))).toMatchObject({ errCode: -1 });
    expect(uploaded).toHaveLength(1);
    world.meet({ wechat: [unknownMedia] });
    expect(await send({ msgtype: 'image', image: { media_id: 'OWN' } })).toMatchObject({ errCode: 40007 });
    expect(sentWith(world)).toHaveLength(2);
  });

  test('that is not there is the fault of its field, and nothing is sent', async () => {
    const { world, send } = storing({});
    expect(await send(card('cloud://e/none.png'))).toMatchObject({
      errCode: -503003,
      details: [{ path: 'miniprogrampage.thumbFileID', message: 'no such file' }],
    });
    expect(world.calls).toEqual([]);
  });

  test('is not sent where its upload took the time', async () => {
    const { world, send } = storing({ 'a.png': png(10, 10) });
    expect(await send(image('cloud://e/a.png'), 5000)).toMatchObject({
      code: 'wechat-busy',
      retryable: true,
    });
    expect(sentWith(world)).toEqual([]);
  });

  test('of two in one message each has its own', async () => {
    const { world, send } = storing({
      'v.mp4': Uint8Array.from(Buffer.from('\0\0\0\x18ftypmp42    ')),
      'a.jpg': Uint8Array.from([0xff, 0xd8, 0xff, 0xe0]),
    });
    const video = { fileID: 'cloud://e/v.mp4', thumbFileID: 'cloud://e/a.jpg', title: 't' };
    expect(await send({ msgtype: 'video', video, account: 'official' })).toMatchObject({ errCode: 0 });
    expect(world.calls.at(-1)?.payload).toMatchObject({ video: { media_id: 'M1', thumb_media_id: 'M2' } });
  });
});

describe('the picture of a card', () => {
  test.each([
    [520, 416, []],
    [1000, 800, []],
    [1000, 785, []],
    [1000, 780, ['1000×780']],
    [400, 520, ['400×520']],
  ])(
    'of %i×%i pixels is told of where it has not the proportions that WeChat advises',
    async (width, height, told) => {
      const { send } = storing({ 'a.png': png(width, height) });
      const answer = await send(card('cloud://e/a.png'));
      expect(answer['hints'] ?? []).toEqual(
        told.map((size) => ({
          path: 'miniprogrampage.thumbFileID',
          message: `is ${size} pixels; WeChat advises the proportions of 520×416`,
        })),
      );
    },
  );

  test('that cannot be measured, or needs no proportions, is not told of', async () => {
    const { send } = storing({ 'a.gif': Uint8Array.from(Buffer.from('GIF89a')), 'b.png': png(9, 300) });
    expect(await send(card('cloud://e/a.gif'))).toEqual({ errCode: 0, errMsg: 'ok' });
    expect(await send(image('cloud://e/b.png'))).toEqual({ errCode: 0, errMsg: 'ok' });
  });
});
