import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { functionNames, functionsRoot } from '../scripts/build-functions';
import { checkCloudbaserc } from '../scripts/deploy/cloudbaserc';
import { runtimes, testedRuntimes } from '../scripts/deploy/runtimes';
import { cloudbasercOf, configOf, functionRows, permissionsOf } from '../scripts/function-rows';
import { stepMs } from '../shared/core/ports';
import { variableNames, variables, variablesOf } from '../shared/core/settings';
import { callNames } from '../shared/wechat/calls';

/** The files that the cloud and DevTools read, held against the tables and the folders. */

async function json(file: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
}

describe('the files that follow from the definitions', () => {
  test('are as the definitions have them', async () => {
    const rows = await functionRows();
    expect(rows.map(({ name }) => name)).toEqual(await functionNames());
    expect(await json('cloudbaserc.json')).toEqual(cloudbasercOf(rows));
    for (const row of rows)
      expect(await json(`cloudfunctions/${row.name}/config.json`)).toEqual(configOf(row));
  });

  test('give every call of the table to some function, and a function nothing that its definition does not name', async () => {
    const rows = await functionRows();
    expect([...new Set(rows.flatMap(({ calls }) => calls))].sort()).toEqual([...callNames].sort());
    const typing = rows.find(({ name }) => name === 'kefu-typing');
    expect(typing && permissionsOf(typing)).toEqual(['customerServiceMessage.setTyping']);
  });

  test('give a function the variables that it needs and no others', async () => {
    const rows = await functionRows();
    const needed = Object.fromEntries(rows.map((row) => [row.name, variablesOf(row)]));
    expect(needed['kefu-typing']).not.toContain('GATEWAY_CLIENTS');
    expect(needed['kefu-subscribe-send']).toEqual([
      'KEFU_OPERATORS',
      'KEFU_SECRET',
      'KEFU_CLIENT_SENDS',
      'KEFU_HISTORY_DAYS',
    ]);
    expect(Object.keys(needed).filter((name) => needed[name]?.includes('MODEL_KEY'))).toEqual([
      'kefu-answer',
    ]);
    expect([...new Set(Object.values(needed).flat())].sort()).toEqual([...variableNames].sort());
  });
});

describe('the built code', () => {
  /** Read in every function, or only by a call that the function has not. */
  const common = ['operators', 'secret', 'clientSends', 'callbackToken', 'callbackAesKey'];
  const ofAccount = /^official|^apiUrl$/;

  test('reads no variable that a deploy would not give it', async () => {
    for (const row of await functionRows()) {
      const code = await readFile(`${functionsRoot}/${row.name}/index.js`, 'utf8');
      const needed = variablesOf(row);
      // The table names each once, as a text.
      const isRead = (name: string) => code.replaceAll(`as:"${name}"`, '').includes(name);
      const read = variableNames.filter((name) => {
        const { as } = variables[name];
        return !common.includes(as) && !ofAccount.test(as) && isRead(as);
      });
      expect([row.name, read.filter((name) => !needed.includes(name))]).toEqual([row.name, []]);
    }
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

describe('package-lock.json', () => {
  interface Locked {
    readonly integrity?: string;
    readonly link?: boolean;
    readonly optionalDependencies?: { readonly [name: string]: string };
  }

  test('has every package of every system, with its integrity and without a registry', async () => {
    const { packages } = (await json('package-lock.json')) as { packages: { [place: string]: Locked } };
    const nameOf = (place: string) => place.replace(/^.*node_modules\//, '');
    const names = new Set(Object.keys(packages).map(nameOf));
    const faults = Object.entries(packages).flatMap(([place, locked]) => [
      ...(place === '' || locked.integrity?.startsWith('sha512-') ? [] : [`${place} has no integrity`]),
      ...('resolved' in locked ? [`${place} names a registry`] : []),
      ...Object.keys(locked.optionalDependencies ?? {})
        .filter((name) => !names.has(name))
        .map((name) => `${place} is without ${name}`),
    ]);
    expect(faults).toEqual([]);
  });
});

describe('.github/workflows/check.yml', () => {
  test('runs everything on each system, and the functions under the cloud’s Node', async () => {
    const workflow = await readFile('.github/workflows/check.yml', 'utf8');
    for (const system of ['ubuntu', 'macos', 'windows']) expect(workflow).toContain(`${system}-latest`);
    expect(workflow).toContain('node: [20, 22, 24]');
    for (const name of testedRuntimes) expect(workflow).toContain(`node-version: ${runtimes[name].node} }`);
    expect(workflow).toContain('npm run check');
  });
});
