import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { englishAdvice } from '../../shared/core/answer';
import { kefuGetMedia } from '../../shared/functions/media/get-media';
import { kefuUploadMedia } from '../../shared/functions/media/upload-media';
import { exampleNotices } from '../../shared/functions/notify/example-notices';
import { notice } from '../../shared/functions/notify/notice';
import { kefuNotify } from '../../shared/functions/notify/notify';
import { kefuOutbox } from '../../shared/functions/outbox/kefu-outbox';
import { kefuSend } from '../../shared/functions/send/send';
import { kefuSubscribeSend } from '../../shared/functions/templates/subscribe-send';
import { kefuTemplateSend } from '../../shared/functions/templates/template-send';
import { kefuTyping } from '../../shared/functions/typing/typing';
import { inChinese } from '../../shared/wechat/errors/in-chinese';
import { mistakeRows } from '../golden/mistakes';
import { createWorld } from '../world/world';

/**
 * What is answered to each mistake, word for word, in English and in Chinese. `KEFU_GOLDEN=write` before the command
 * writes the files anew: read what has changed before you commit it.
 */

const folder = 'test/golden/mistakes';
const fileOf = (name: string) => path.join(folder, `${name.replaceAll(' ', '-')}.json`);

const openedNowhere = notice({
  title: '没有链接的通知',
  takes: [],
  send: [
    { template: { template_id: 'T', touser: () => 'oFollower', url: '', data: { first: () => '你好' } } },
  ],
});

const functions = {
  'kefu-send': kefuSend,
  'kefu-typing': kefuTyping,
  'kefu-upload-media': kefuUploadMedia,
  'kefu-template-send': kefuTemplateSend,
  'kefu-subscribe-send': kefuSubscribeSend,
  'kefu-get-media': kefuGetMedia,
  'kefu-outbox': kefuOutbox,
  'kefu-notify': kefuNotify({ ...exampleNotices, 'opened-nowhere': openedNowhere }),
};

type Entry = { readonly path: string; readonly message: string };
type Answer = {
  readonly [field: string]: unknown;
  readonly details?: readonly Entry[];
  readonly hints?: readonly Entry[];
};

const entries = ({ details = [], hints = [], results }: Answer): Entry[] => [
  ...details,
  ...hints,
  ...(Array.isArray(results) ? (results as Answer[]).flatMap(entries) : []),
];

describe('a mistake', () => {
  test.each(mistakeRows)('%s', async (name, mistake) => {
    const { event, source = 'wx_client', openid = 'oUser' } = mistake;
    const called = mistake.function ?? 'kefu-send';
    const world = createWorld();
    const caller = { openid, source };
    const en = (await world.time.until(
      world.run(({ settings, ...ports }) =>
        functions[called].handle(event, caller, {
          ...ports,
          settings: { ...settings, operators: new Set(['oOperator']) },
        }),
      ),
    )) as Answer;
    const zh = inChinese(en, englishAdvice) as Answer;
    const golden = { function: called, event, en, zh };
    if (process.env['KEFU_GOLDEN'] === 'write')
      await writeFile(fileOf(name), `${JSON.stringify(golden, null, 2)}\n`);
    expect(JSON.parse(JSON.stringify(golden))).toEqual(JSON.parse(await readFile(fileOf(name), 'utf8')));

    // Nothing of ours is left in English.
    const han = /\p{Script=Han}/u;
    for (const { message } of entries(zh)) expect(message).toMatch(han);
    if (en['errCode'] !== 0) {
      expect(zh['errMsg']).toMatch(han);
      expect(zh['advice']).toMatch(han);
    }
    expect(entries(zh).map((entry) => entry.path)).toEqual(entries(en).map((entry) => entry.path));
  });
});

test('every file is some mistake’s', async () => {
  const files = (await readdir(folder)).map((file) => path.join(folder, file)).toSorted();
  expect(files).toEqual(mistakeRows.map(([name]) => fileOf(name)).toSorted());
  expect(files.length).toBeGreaterThanOrEqual(35);
});
