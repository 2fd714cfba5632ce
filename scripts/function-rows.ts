import { createRequire } from 'node:module';
import path from 'node:path';
import type { FunctionRow } from '../shared/core/define-function';
import { accounts } from '../shared/wechat/account';
import { callRow } from '../shared/wechat/calls';
import { functionNames, functionsRoot } from './build-functions';
import { usualRuntime } from './deploy/runtimes';

/** What the functions say of themselves, read from the built ones; and the files of the cloud's that follow from it. */

/** The row of each function, in the order of their names. They must have been built. */
export async function functionRows(): Promise<FunctionRow[]> {
  const require = createRequire(path.resolve('package.json'));
  return (await functionNames()).map((name) => {
    const { main } = require(path.resolve(functionsRoot, name, 'index.js')) as { main: { row: FunctionRow } };
    return main.row;
  });
}

/** The permissions that a function's calls need. */
export function permissionsOf({ calls }: FunctionRow): string[] {
  const names = calls.flatMap((call) => accounts.flatMap((account) => callRow(call).cloud[account] ?? []));
  return [...new Set(names)];
}

/** `config.json` of a function: what WeChat DevTools reads. */
export function configOf(row: FunctionRow): object {
  return { permissions: { openapi: permissionsOf(row) }, triggers: row.timers };
}

/** `cloudbaserc.json`: what the CloudBase CLI reads. */
export function cloudbasercOf(rows: readonly FunctionRow[]): object {
  return {
    version: '2.0',
    envId: '{{env.ENV_ID}}',
    functionRoot: functionsRoot,
    functions: rows.map(({ name, timeoutSeconds, timers }) => ({
      name,
      handler: 'index.main',
      runtime: usualRuntime,
      timeout: timeoutSeconds,
      memorySize: 256,
      installDependency: false,
      triggers: timers,
    })),
  };
}
