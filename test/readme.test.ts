import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../emulator/emulator';
import { functionNames } from '../scripts/build-functions';
import { variables } from '../shared/core/settings';
import { variableMeanings } from '../shared/core/variable-meanings';

/** The examples of both READMEs are run as they stand; the comments under them are what they must give. */

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator();
});
afterAll(() => emulator.close());

interface Example {
  readonly code: string;
  /** What the comments say: an expression, and what it is. */
  readonly expected: readonly { readonly expression: string; readonly value: string }[];
}

async function examplesOf(file: string): Promise<Example[]> {
  const text = await readFile(file, 'utf8');
  return [...text.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code = '']) => ({
    code,
    expected: [...code.matchAll(/^\/\/ (result[\w.[\]]*): (.+)$/gm)].map(
      ([, expression = '', value = '']) => ({ expression, value }),
    ),
  }));
}

const wx = {
  cloud: {
    callFunction: async ({ name, data }: { name: string; data: object }) => {
      const invoked = await emulator.call({ name, data, source: 'wx_client', openid: defaultOpenid });
      if (!invoked.ok) throw new Error(invoked.errMsg);
      return { result: invoked.result };
    },
  },
};

describe.each(['README.md', 'README.zh-CN.md'])('%s', (file) => {
  test('has examples that do what they say', async () => {
    const examples = await examplesOf(file);
    expect(examples.length).toBeGreaterThanOrEqual(3);
    for (const { code, expected } of examples) {
      expect(expected.length).toBeGreaterThan(0);
      const list = expected.map(({ expression }) => expression).join(', ');
      const run = new Function('wx', `return (async () => { ${code}\nreturn [${list}]; })()`) as (
        wx: object,
      ) => Promise<unknown[]>;
      const values = await run(wx);
      expect(values).toEqual(expected.map(({ value }) => new Function(`return (${value})`)() as unknown));
    }
  });
});

test.each(['README.md', 'README.zh-CN.md'])(
  '%s names every variable and every function, and no other',
  async (file) => {
    const text = await readFile(file, 'utf8');
    const rows = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name).sort();
    expect(rows(/^\| `([A-Z_]+)` \|/gm)).toEqual(Object.keys(variables).sort());
    expect(rows(/^\| `([a-z]+-[a-z-]+)` \|/gm)).toEqual(await functionNames());
  },
);

test('README.md says of each variable what its table says', async () => {
  const text = await readFile('README.md', 'utf8');
  const rows = Object.fromEntries(
    [...text.matchAll(/^\| `([A-Z_]+)` \| (.*) \|$/gm)].map(([, name, meaning]) => [name, meaning]),
  );
  expect(rows).toEqual(variableMeanings);
});

test('the two READMEs are in step: the same headings, examples, tables and links', async () => {
  const shape = (text: string) => ({
    headings: text.match(/^#+ /gm),
    blocks: text.match(/```\w+/g),
    tables: text.match(/^\|---/gm)?.length,
    rows: text.match(/^\| /gm)?.length,
    code: [...text.matchAll(/`(kefu-[\w-]+|[A-Z]{2,}_[A-Z_]+|npm run [\w-]+)`/g)]
      .map(([, name]) => name)
      .sort(),
  });
  const [english, chinese] = await Promise.all(
    ['README.md', 'README.zh-CN.md'].map((file) => readFile(file, 'utf8')),
  );
  expect(shape(chinese ?? '')).toEqual(shape(english ?? ''));
});
