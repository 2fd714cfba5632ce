import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { coverage } from '../../emulator/coverage';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { behaviours } from '../../emulator/faults';
import { callAsWeChat } from '../../emulator/phone/mini-program';
import { createCustomerService } from '../../miniprogram/kefu-client';
import { clientRoot as root } from '../../scripts/build-client';
import { errorCodes } from '../../shared/wechat/errors/errors';
import { toCamelKey } from '../../shared/wechat/fields/case';
import { messageTypeNames } from '../../shared/wechat/messages/message-types';
import { loadBuiltClient } from './built-client';

/** docs/client.md and docs/local-wechat.md, in both languages: their examples are run, their tables compared. */

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator();
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const read = (file: string) => readFile(path.join('docs', file), 'utf8');
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, code = '']) => code);
const rows = (text: string) =>
  [...text.matchAll(/^\| (.+) \|$/gm)].map(([, row = '']) => row.split(' | ').map((cell) => cell.trim()));
const namesIn = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

describe.each(['client.md', 'client.zh-CN.md'])('%s', (file) => {
  test('has examples that do what they say', async () => {
    const wx = {
      cloud: {
        callFunction: ({ name, data }: { name: string; data: object }) =>
          callAsWeChat(emulator, name, data, defaultOpenid),
      },
    };
    const examples = blocks(await read(file), 'js');
    expect(examples.length).toBeGreaterThanOrEqual(6);
    for (const code of examples) {
      emulator.reset();
      const expected = [...code.matchAll(/^\/\/ ([\w.[\] ]+): (.+)$/gm)];
      expect(expected.length).toBeGreaterThan(0);
      const list = expected.map(([, expression = '']) => expression).join(', ');
      const run = new Function('require', `return (async () => { ${code}\nreturn [${list}]; })()`) as (
        load: (name: string) => unknown,
      ) => Promise<unknown[]>;
      const values = await run((name) => {
        expect(name).toBe('./kefu-client');
        return loadBuiltClient(root, wx);
      });
      // The built client's objects are of another realm; what they hold is what counts.
      const plain: unknown = JSON.parse(JSON.stringify(values));
      expect(plain).toEqual(
        expected.map(([, , value = '']) => new Function(`return (${value})`)() as unknown),
      );
      const sent = emulator.world.conversation('miniprogram', defaultOpenid).messages;
      if (code.includes('newRequestId'))
        expect(sent.filter(({ from }) => from === 'service')).toHaveLength(1);
    }
  });

  test('names every method, and no other', async () => {
    const named = rows(await read(file)).flatMap(([cell = '']) => /^`(\w+)\(/.exec(cell)?.[1] ?? []);
    const methods = Object.keys(createCustomerService());
    expect(methods).toEqual(expect.arrayContaining(named));
    // A method by type is there as soon as its type is; the documents may follow.
    const byType = messageTypeNames.map((msgtype) => toCamelKey(`send_${msgtype}`));
    expect(methods.filter((name) => !named.includes(name) && !byType.includes(name))).toEqual([]);
  });

  test('tells what becomes of each failure as the client does', async () => {
    const table = rows(await read(file)).filter(
      ([what = '', code = '']) => /^-\d{6}/.test(what) && Object.hasOwn(errorCodes, namesIn(code)[0] ?? ''),
    );
    expect(table.length).toBeGreaterThanOrEqual(6);
    for (const [what = '', code = '', send = ''] of table) {
      for (const [number] of what.matchAll(/-\d{6}/g)) {
        const service = createCustomerService({
          call: async () => {
            throw {
              errCode: Number(number),
              errMsg: `cloud.callFunction:fail Error: errCode: ${number} | errMsg: x`,
            };
          },
        });
        const [word] = namesIn(code);
        expect(await service.typing()).toMatchObject({ ok: false, errCode: Number(number), code: word });
        expect(await service.send({ msgtype: 'text', text: { content: 'x' } })).toMatchObject({
          code: namesIn(send)[0] ?? word,
        });
      }
    }
  });
});

describe.each([
  ['local-wechat.md', 'yes', 'no'],
  ['local-wechat.zh-CN.md', '是', '否'],
])('%s', (file, yes, no) => {
  test('has the coverage table of the local WeChat', async () => {
    const told: Record<string, boolean> = {};
    for (const [names, emulated = ''] of rows(await read(file))) {
      if (emulated === yes || emulated === no)
        for (const name of namesIn(names)) told[name] = emulated === yes;
    }
    const actual = Object.fromEntries(Object.entries(coverage).map(([name, row]) => [name, row.emulated]));
    // A row that is missing here goes into both languages of docs/local-wechat.md.
    expect(told).toEqual(actual);
  });

  test('has every behaviour of a fault', async () => {
    const text = await read(file);
    const table = text.slice(text.indexOf('| behaviour |'));
    const named = rows(table.slice(0, table.indexOf('\n\n'))).flatMap(([name]) => namesIn(name));
    expect(named).toEqual(Object.keys(behaviours));
  });

  test('has REST examples that are answered', async () => {
    const commands = blocks(await read(file), 'sh')
      .join('')
      .split('\n')
      .filter((line) => line.startsWith('curl '));
    expect(commands.length).toBeGreaterThanOrEqual(10);
    for (const command of commands) {
      const [, method = 'GET', place = '', body] =
        /^curl (?:-X (\w+) )?http:\/\/127\.0\.0\.1:8520(\S+)(?: -d '(.+)')?$/.exec(command) ?? [];
      const response = await fetch(emulator.url + place, { method, ...(body === undefined ? {} : { body }) });
      expect([command, response.status]).toEqual([command, 200]);
      const answer = (await response.json()) as { result?: { errCode: number } };
      if (place === '/_emulator/call' && command.includes('kefu-send'))
        expect(answer.result?.errCode).toBe(0);
    }
  });
});

test.each([
  ['client.md', 'client.zh-CN.md'],
  ['local-wechat.md', 'local-wechat.zh-CN.md'],
])('%s and %s are in step', async (english, chinese) => {
  const shape = (text: string) => ({
    headings: text.match(/^#+ /gm),
    blocks: text.match(/^```\w+/gm),
    rows: text.match(/^\| /gm)?.length,
    codes: [...text.matchAll(/`(-?\d{5,6}|kefu-[\w-]+|[A-Z]{2,}_[A-Z_]+)`/g)].map(([, name]) => name),
  });
  expect(shape(await read(chinese))).toEqual(shape(await read(english)));
});
