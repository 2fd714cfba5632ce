import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { functionNames, functionsRoot } from '../scripts/build-functions';
import { checkCloudbaserc } from '../scripts/deploy/cloudbaserc';
import { stepMs } from '../shared/core/ports';
import { accounts } from '../shared/wechat/account';
import { type CallName, callNames, callRow } from '../shared/wechat/calls';

/** The files that the cloud and DevTools read, held against the tables and the folders. */

async function json(file: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
}

/** The calls that each function makes. */
const callsOf: { readonly [name: string]: readonly CallName[] } = {
  'kefu-send': ['sendCustomMessage', 'uploadTempMedia', 'sendTemplateMessage', 'sendSubscribeMessage'],
  'kefu-typing': ['setTyping'],
  'kefu-upload-media': ['uploadTempMedia'],
  'kefu-get-media': ['getTempMedia'],
  'kefu-template-send': ['sendTemplateMessage'],
  'kefu-subscribe-send': ['sendSubscribeMessage'],
  'kefu-receive': ['sendCustomMessage', 'setTyping', 'uploadTempMedia', 'getTempMedia'],
  'kefu-outbox': ['sendCustomMessage', 'uploadTempMedia', 'sendTemplateMessage', 'sendSubscribeMessage'],
  'kefu-gateway': callNames,
};

describe('config.json', () => {
  test('is there for every function that the cloud gets', async () => {
    expect((await functionNames()).sort()).toEqual(Object.keys(callsOf).sort());
  });

  test.each(Object.entries(callsOf))(
    'of %s lists exactly the permissions that its calls need',
    async (name, calls) => {
      const { permissions } = (await json(`cloudfunctions/${name}/config.json`)) as {
        permissions: { openapi: string[] };
      };
      const needed = calls.flatMap((call) =>
        accounts.flatMap((account) => callRow(call).cloud[account] ?? []),
      );
      expect(permissions.openapi.toSorted()).toEqual([...new Set(needed)].sort());
    },
  );

  test('together, every call of the table is made by some function', () => {
    expect([...new Set(Object.values(callsOf).flat())].sort()).toEqual([...callNames].sort());
  });
});

describe('cloudbaserc.json', () => {
  test('has the functions of the folder, each with keys that the CLI reads', async () => {
    const rc = (await json('cloudbaserc.json')) as {
      functionRoot: string;
      functions: Record<string, unknown>[];
    };
    expect(rc.functions.map(({ name }) => name).sort()).toEqual(await functionNames());
    expect(checkCloudbaserc(rc)).toEqual([]);
    for (const entry of rc.functions) expect(entry).toMatchObject({ handler: 'index.main' });
  });

  test('gives every function more time than one step may take', async () => {
    const { functions } = (await json('cloudbaserc.json')) as { functions: { timeout: number }[] };
    for (const { timeout } of functions) expect(timeout * 1000).toBeGreaterThan(stepMs + 1000);
  });

  test('and project.config.json name the same folder of built functions', async () => {
    const rc = await json('cloudbaserc.json');
    const project = await json('project.config.json');
    expect(rc['functionRoot']).toBe(functionsRoot);
    expect(project['cloudfunctionRoot']).toBe(`${functionsRoot}/`);
  });
});
