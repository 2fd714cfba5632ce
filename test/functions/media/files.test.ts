import { describe, expect, test } from '@jest/globals';
import type { Role } from '../../../shared/core/access';
import type { Files, WeChatReply } from '../../../shared/core/ports';
import { kefuGetMedia } from '../../../shared/functions/media/get-media';
import { checkFile } from '../../../shared/functions/media/media-cache';
import { folderOf, foreignFile } from '../../../shared/functions/media/own-files';
import { kefuUploadMedia } from '../../../shared/functions/media/upload-media';
import { mediaTypeNames, mediaTypes } from '../../../shared/wechat/media';
import { createWorld, digest, type World } from '../../world/world';

/** Files on their way to WeChat and from it, and whose they are. */

const user = 'oUser';
const self = { source: 'wx_client', openid: user };
const owner = { source: 'wx_client,scf', openid: user };
const own = folderOf(user, { digest });

describe('a client', () => {
  const isForeign = (
    place: string,
    clientFiles: readonly string[] = [],
    role: Role = 'self',
    openid = user,
  ) => {
    const { ports } = createWorld().createProcess();
    const call = {
      role,
      caller: { source: 'wx_client', ...(openid === '' ? {} : { openid }) },
      ports: { ...ports, settings: { ...ports.settings, clientFiles } },
    };
    return foreignFile('fileID', place, call) !== undefined;
  };

  test.each([`${own}/a.png`, `${own}/2026/b.png`, `${own}/a b…c.png`, `${own}/a..png`, `${own}/.a`])(
    'names %s, which is its own',
    (path) => {
      expect(isForeign(`cloud://env.x/${path}`)).toBe(false);
    },
  );

  test.each([
    'cloud://env.x/a.png',
    `cloud://env.x/${own}`,
    `cloud://env.x/${own}x/a.png`,
    `cloud://env.x/x/${own}/a.png`,
    `cloud://env.x/${own}/../a.png`,
    `cloud://env.x/${own}/./a.png`,
    `cloud://env.x/${own}//a.png`,
    `cloud://env.x/${own}/..`,
    `cloud://env.x/${own}/`,
    `cloud://env.x/${own}/%2e%2e/a.png`,
    `cloud://env.x/${own}/a\\b.png`,
    `cloud://env.x/${own}/a.png?x`,
    `cloud://env.x/${own}/a.png#x`,
    `cloud:///${own}/a.png`,
    `xcloud://env.x/${own}/a.png`,
    `https://env.x/${own}/a.png`,
    own,
    '',
  ])('does not name %j', (fileID) => {
    expect(isForeign(fileID)).toBe(true);
  });

  test('is told where it may, under the field that it wrote', () => {
    const { ports } = createWorld().createProcess();
    expect(foreignFile('image.fileID', 'cloud://e/x', { role: 'self', caller: self, ports })).toEqual({
      path: 'image.fileID',
      message: `is not this user’s own: a client may name files in ${own}/ and where KEFU_CLIENT_FILES says`,
      errCode: -503002,
    });
  });

  test('names files of the folders that are open to clients, and any where all are', () => {
    const file = 'cloud://e/catalogue/tea.png';
    expect(isForeign(file, ['other', 'catalogue'])).toBe(false);
    expect(isForeign(file, ['cat'])).toBe(true);
    expect(isForeign(file, ['other', '*'])).toBe(false);
    expect(isForeign('cloud://e/catalogue/../a.png', ['catalogue'])).toBe(true);
  });

  test('is a user: operators and the owner’s code name any file, and so may who has no folder', () => {
    expect(isForeign('cloud://e/x', [], 'operator')).toBe(false);
    expect(isForeign('cloud://e/x', [], 'owner')).toBe(false);
    expect(isForeign('cloud://e/x', [], 'self', '')).toBe(false);
  });

  test('has a folder of its own, which holds no openid', () => {
    expect(own).toMatch(/^kefu-files\/[0-9a-f]{32}$/);
    expect(folderOf('oOther', { digest })).not.toBe(own);
  });
});

const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const jpeg = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0]);

type Result = Record<string, unknown>;

interface Around {
  readonly files?: Partial<Files>;
  readonly reply?: WeChatReply;
  readonly caller?: typeof self;
}

const within = (
  called: typeof kefuUploadMedia,
  world: World,
  event: object,
  { files, reply, caller = self }: Around,
) =>
  world.time.until(
    world.run((ports) =>
      called.handle(event, caller, {
        ...ports,
        files: { ...ports.files, ...files },
        wechat: {
          call: async (name, payload, account) => {
            await ports.wechat.call(name, payload, account);
            return reply ?? { ok: true, data: { media_id: 'M', created_at: 1_700_000_000 } };
          },
        },
      }),
    ),
  ) as Promise<Result>;

const holding = (bytes: Uint8Array): Partial<Files> => ({ read: async () => ({ ok: true, bytes }) });

describe('kefu-upload-media', () => {
  const upload = (event: object, around: Around = {}, world = createWorld()) =>
    within(kefuUploadMedia, world, event, around);
  const file = { fileID: `cloud://e/${own}/a.png` };

  test('answers the media id, its type, and when it ends', async () => {
    const world = createWorld();
    expect(await upload(file, { files: holding(png) }, world)).toEqual({
      errCode: 0,
      errMsg: 'ok',
      mediaId: 'M',
      type: 'image',
      createdAt: 1_700_000_000,
      expiresAt: 1_700_000_000 + 3 * 24 * 60 * 60,
    });
    expect(world.calls).toMatchObject([
      {
        name: 'uploadTempMedia',
        payload: { type: 'image', media: { bytes: png, contentType: 'image/png' } },
      },
    ]);
  });

  test('finds a file again under the type that it turned out to be', async () => {
    const world = createWorld();
    await upload(file, { files: holding(png) }, world);
    expect(await upload({ ...file, type: 'image' }, {}, world)).toMatchObject({ mediaId: 'M' });
    expect(await upload(file, {}, world)).toMatchObject({ mediaId: 'M' });
    expect(world.calls).toHaveLength(1);
    expect(await upload({ ...file, account: 'official' }, { caller: owner }, world)).toMatchObject({
      errCode: -503003,
    });
  });

  test('remembers what it was told under a type under that type only', async () => {
    const world = createWorld();
    await upload({ ...file, type: 'image' }, { files: holding(png) }, world);
    expect(world.documents('kefu_media')).toHaveLength(1);
    expect(await upload(file, {}, world)).toMatchObject({ errCode: -503003 });
  });

  test('uploads though nothing can be remembered', async () => {
    const world = createWorld();
    world.meet({ database: ['before', 'before', 'before'] });
    expect(await upload(file, { files: holding(png) }, world)).toMatchObject({ errCode: 0, mediaId: 'M' });
  });

  test('takes the media id of a thumb, and the moment where WeChat names none', async () => {
    const world = createWorld({ databaseMs: 0, wechatMs: 0 });
    const reply = { ok: true, data: { thumb_media_id: 'T' } } as const;
    const event = { ...file, type: 'thumb', account: 'official' };
    const createdAt = Math.floor(world.time.now() / 1000);
    expect(await upload(event, { files: holding(jpeg), reply, caller: owner }, world)).toMatchObject({
      mediaId: 'T',
      type: 'thumb',
      createdAt,
    });
  });

  test.each<[string, WeChatReply, object]>([
    ['without a media id', { ok: true, data: {} }, { errCode: -501001 }],
    ['with an empty one', { ok: true, data: { media_id: '' } }, { errCode: -501001 }],
    ['with a file', { ok: true, file: { contentType: 'x', bytes: png } }, { errCode: -501001 }],
    ['with a refusal', { ok: false, errCode: 40004, errMsg: 'no' }, { errCode: 40004 }],
  ])('refuses an answer %s, and remembers nothing', async (_what, reply, refused) => {
    const world = createWorld();
    expect(await upload(file, { files: holding(png), reply }, world)).toMatchObject(refused);
    expect(world.documents('kefu_media')).toEqual([]);
  });

  test.each<[string, object, object, string]>([
    ['no file of the storage', { fileID: 'https://x/a.png' }, owner, 'fileID'],
    ['somebody else’s file', { fileID: 'cloud://e/b.png' }, self, 'fileID'],
    ['a type that the account does not have', { ...file, type: 'voice' }, self, 'type'],
    ['nothing', {}, self, 'fileID'],
    ['the folder of nobody', { folder: true }, { source: 'wx_trigger' }, 'folder'],
  ])('refuses %s before anything is read', async (_what, event, caller, path) => {
    const read: Files['read'] = () => Promise.reject(new Error('was read'));
    const answer = await upload(event, { caller: caller as typeof self, files: { read } });
    expect(answer).toMatchObject({ details: [{ path }] });
    expect(answer['details']).toHaveLength(1);
  });

  test('names the user’s folder, and looks at nothing else then', async () => {
    const answer = await upload({ folder: true });
    expect(answer).toEqual({ errCode: 0, errMsg: 'ok', folder: own });
  });

  test('reads as much as the type may have, and says of more what WeChat would', async () => {
    const asked: number[] = [];
    const read: Files['read'] = async (_fileID, most) => {
      asked.push(most);
      return { ok: false, errCode: 45001, errMsg: 'too large' };
    };
    const codes: unknown[] = [];
    for (const type of [undefined, ...mediaTypeNames]) {
      const event = { ...file, account: 'official', ...(type === undefined ? {} : { type }) };
      codes.push((await upload(event, { files: { read }, caller: owner }))['errCode']);
    }
    const mega = 1024 * 1024;
    expect(asked).toEqual([10 * mega, 10 * mega, 2 * mega, 10 * mega, 64 * 1024]);
    expect(codes).toEqual([45001, 40009, 40010, 40011, 40012]);
  });
});

describe('a file’s bytes', () => {
  const check = (
    bytes: Uint8Array,
    type?: (typeof mediaTypeNames)[number],
    account = 'official' as const,
  ) => {
    const checked = checkFile(bytes, { type, account });
    return checked.ok
      ? `${checked.type} ${checked.format}`
      : `${checked.refusal.errCode} ${checked.refusal.errMsg}`;
  };

  test('say what it is', () => {
    expect(check(png)).toBe('image image/png');
    expect(check(jpeg)).toBe('image image/jpeg');
    expect(check(jpeg, 'thumb')).toBe('thumb image/jpeg');
    expect(check(new Uint8Array())).toBe('44001 the file is empty');
    expect(check(Uint8Array.from([1, 2, 3]))).toBe(
      '40005 the file is of no known format; WeChat takes PNG, JPEG or GIF',
    );
    expect(check(Uint8Array.from([1, 2, 3]), 'voice')).toBe(
      '40005 the file is of no known format; WeChat takes audio/amr, audio/mpeg',
    );
    expect(check(png, 'thumb')).toBe('40005 the file is image/png; WeChat takes image/jpeg as thumb');
  });

  test('may be as many as WeChat takes, and no more', () => {
    const of = (length: number) => {
      const bytes = new Uint8Array(length);
      bytes.set(jpeg);
      return bytes;
    };
    const { maxBytes } = mediaTypes.thumb;
    expect(check(of(maxBytes), 'thumb')).toBe('thumb image/jpeg');
    expect(check(of(maxBytes + 1), 'thumb')).toBe(
      `40012 the file is ${maxBytes + 1} bytes; WeChat takes at most ${maxBytes} as thumb`,
    );
  });
});

describe('kefu-get-media', () => {
  const fetch = (reply: WeChatReply, files: Partial<Files> = {}) => {
    const written: { path: string; bytes: Uint8Array }[] = [];
    const write: Files['write'] = async (path, bytes) => {
      written.push({ path, bytes });
      return { ok: true, fileID: `cloud://e/${path}` };
    };
    return within(kefuGetMedia, createWorld(), { media_id: 'M' }, { reply, files: { write, ...files } }).then(
      (answer) => ({ answer, written }),
    );
  };

  test('saves what WeChat has, under a name that follows from its id, as what its bytes say', async () => {
    const reply = { ok: true, file: { contentType: 'text/plain', bytes: png } } as const;
    const { answer, written } = await fetch(reply);
    const [{ path, bytes }] = written as [{ path: string; bytes: Uint8Array }];
    expect(path).toMatch(/^kefu-media\/[0-9a-f]{32}\.png$/);
    expect(bytes).toEqual(png);
    const saved = { fileID: `cloud://e/${path}`, contentType: 'image/png', sizeBytes: 8 };
    expect(answer).toEqual({ errCode: 0, errMsg: 'ok', ...saved });
    expect((await fetch(reply)).written).toEqual(written);
    const unknown = { ok: true, file: { contentType: 'x/y', bytes: Uint8Array.from([1]) } } as const;
    const other = await fetch(unknown);
    expect(other.answer).toMatchObject({ contentType: 'x/y', sizeBytes: 1 });
    expect(other.written[0]?.path).toMatch(/\.bin$/);
  });

  test('fetches a film from the address that WeChat gives in its place', async () => {
    const asked: unknown[] = [];
    const read: Files['read'] = async (...what) => {
      asked.push(what);
      return { ok: true, bytes: Uint8Array.from([1, 2]) };
    };
    const reply = { ok: true, data: { video_url: 'http://film' } } as const;
    const { answer } = await fetch(reply, { read });
    expect(answer).toMatchObject({ errCode: 0, contentType: 'video/mp4', sizeBytes: 2 });
    expect(asked).toEqual([['http://film', 10 * 1024 * 1024]]);
    const failed = await fetch(reply, {
      read: async () => ({ ok: false, errCode: -501001, errMsg: 'gone' }),
    });
    expect(failed.answer).toMatchObject({ errCode: -501001, errMsg: 'gone' });
  });

  test.each<[string, WeChatReply, number]>([
    ['a refusal', { ok: false, errCode: 40007, errMsg: 'no' }, 40007],
    ['no file', { ok: true, data: {} }, -501001],
    ['an address of another kind', { ok: true, data: { video_url: 'ftp://x' } }, -501001],
    ['an address behind something', { ok: true, data: { video_url: 'x http://x' } }, -501001],
  ])('says of %s what it is, and writes nothing', async (_what, reply, errCode) => {
    const { answer, written } = await fetch(reply);
    expect(answer).toMatchObject({ errCode });
    expect(written).toEqual([]);
  });

  test('says that it could not be saved', async () => {
    const reply = { ok: true, file: { contentType: 'image/png', bytes: png } } as const;
    const write: Files['write'] = async () => ({ ok: false, errCode: -503001, errMsg: 'full' });
    expect((await fetch(reply, { write })).answer).toMatchObject({ errCode: -503001, errMsg: 'full' });
  });
});

describe('a file of WeChat’s', () => {
  const saving = async (event: object, reply: WeChatReply, world = createWorld()) => {
    const written: string[] = [];
    const answer = await world.time.until(
      world.run((ports) =>
        kefuGetMedia.handle(event, owner, {
          ...ports,
          wechat: {
            call: async (...call) => {
              await ports.wechat.call(...call);
              return reply;
            },
          },
          files: {
            ...ports.files,
            write: async (path) => {
              written.push(path);
              return { ok: true, fileID: `cloud://${path}` };
            },
          },
        }),
      ),
    );
    return { answer, written, calls: world.calls.map(({ payload }) => payload) };
  };
  const file = { ok: true, file: { contentType: 'image/png', bytes: new Uint8Array([1]) } } as const;

  test('has a path of its own, which no other has, and the same again', async () => {
    const events = [
      { mediaId: 'a' },
      { mediaId: 'a' },
      { mediaId: 'b' },
      { mediaId: 'a', account: 'official' },
    ];
    const paths: (string | undefined)[] = [];
    for (const event of events) {
      const { written, calls } = await saving(event, file);
      expect(calls).toEqual([{ media_id: event.mediaId }]);
      paths.push(...written);
    }
    expect(paths[0]).toBe(paths[1]);
    expect(new Set(paths).size).toBe(3);
  });

  test('that is told by no address is a failure', async () => {
    for (const video_url of [undefined, 5, 'file:///etc/passwd'])
      expect((await saving({ mediaId: 'a' }, { ok: true, data: { video_url } })).answer).toMatchObject({
        errCode: -501001,
      });
  });
});

describe('a file that was uploaded before', () => {
  const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const upload = (world: World, event: object, bytes = png) => {
    const read: number[] = [];
    const answer = world.time.until(
      world.run((ports) =>
        kefuUploadMedia.handle(event, owner, {
          ...ports,
          wechat: {
            call: async (...call) => {
              await ports.wechat.call(...call);
              return { ok: true, data: { media_id: `M${world.calls.length}` } };
            },
          },
          files: {
            ...ports.files,
            read: async (_fileID, maxBytes) => {
              read.push(maxBytes);
              return { ok: true, bytes };
            },
          },
        }),
      ),
    );
    return answer.then((given) => ({ ...(given as { mediaId?: string; errCode: number }), read }));
  };
  const event = { fileID: 'cloud://e/a.png' };
  const hour = 60 * 60_000;

  test('is not uploaded again, under its type or under none, until an hour before its end', async () => {
    const world = createWorld();
    expect(await upload(world, event)).toMatchObject({ mediaId: 'M1' });
    expect(await upload(world, event)).toMatchObject({ mediaId: 'M1' });
    expect(await upload(world, { ...event, type: 'image' })).toMatchObject({ mediaId: 'M1' });
    await world.time.pass(71 * hour - 60_000);
    expect(await upload(world, event)).toMatchObject({ mediaId: 'M1' });
    await world.time.pass(61_000);
    expect(await upload(world, event)).toMatchObject({ mediaId: 'M2' });
  });

  test('is another for another account, another file, and another type', async () => {
    const world = createWorld();
    const ids = new Set<unknown>();
    for (const fields of [
      { type: 'image' },
      { type: 'thumb' },
      { account: 'official' },
      { fileID: 'cloud://e/b.png' },
    ]) {
      const { mediaId, errCode } = await upload(world, { ...event, ...fields });
      ids.add(mediaId ?? errCode);
    }
    expect(ids.size).toBe(4);
  });

  test('is not believed where the functions did not write it down', async () => {
    const world = createWorld();
    await upload(world, event);
    for (const held of world.documents('kefu_media')) world.put('kefu_media', { ...held, mediaId: '' });
    expect(await upload(world, event)).toMatchObject({ mediaId: 'M2' });
  });

  test('and is none that WeChat takes is not uploaded', async () => {
    const world = createWorld();
    expect(await upload(world, event, new Uint8Array([1, 2, 3]))).toMatchObject({ errCode: 40005 });
    expect(world.calls).toEqual([]);
  });

  test('is read up to what the account may send at all', async () => {
    const most = (account: 'miniprogram' | 'official') =>
      Math.max(
        ...mediaTypeNames.flatMap((name) => {
          const { accounts, maxBytes } = mediaTypes[name];
          return (accounts as readonly string[]).includes(account) ? [maxBytes] : [];
        }),
      );
    for (const account of ['miniprogram', 'official'] as const)
      expect((await upload(createWorld(), { ...event, account })).read).toEqual([most(account)]);
  });
});
