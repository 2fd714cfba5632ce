import { access, constants, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Environment } from './command-line';
import type { PlannedFunction } from './plan';
import { runProgram } from './program';
import { noAnswer, parseObject, request } from './request';

/**
 * The permissions to call WeChat's open APIs. @cloudbase/cli never reads `permissions.openapi`: a function that it
 * uploaded is answered -604101 until somebody else has set them. WeChat DevTools does so with each upload.
 */

export interface PermissionTask {
  readonly envId: string;
  /** Those that call open APIs. */
  readonly functions: readonly PlannedFunction[];
  /** With what `.env` files add to it. */
  readonly environment: Environment;
  readonly print: (line: string) => void;
}

/** Sets the permissions by what is at hand: DevTools, else a token, else the reader. Tells whether they are set. */
export async function applyPermissions(task: PermissionTask): Promise<boolean> {
  const { print, environment } = task;
  const devtools = await findDevTools(environment);
  const appid = await readAppid(environment);
  if (devtools !== undefined && appid !== undefined) {
    print(`Permissions: uploading once more with WeChat DevTools (${devtools}), which sets them.`);
    const failed = await uploadByDevTools(devtools, appid, task);
    if (failed === undefined) return true;
    print(`  WeChat DevTools did not do it: ${failed}`);
    print('  It needs to be logged in, with its service port on (Settings, Security).');
  } else if (devtools !== undefined) {
    print(
      'Permissions: WeChat DevTools is here, but project.config.json (or WECHAT_APPID) names no appid of yours.',
    );
  }
  const token = environment['WECHAT_ACCESS_TOKEN'];
  if (token !== undefined && token !== '') {
    print('Permissions: asking WeChat to set them (tcb/uploadfuncconfig).');
    if (await uploadByToken(token, task)) return true;
  }
  for (const line of permissionSteps(task)) print(line);
  return false;
}

/** Where the two systems that DevTools exists for have its command line. */
const devtoolsPlaces: { readonly [platform: string]: readonly string[] } = {
  darwin: ['/Applications/wechatwebdevtools.app/Contents/MacOS/cli'],
  win32: [
    'C:\\Program Files (x86)\\Tencent\\微信web开发者工具\\cli.bat',
    'C:\\Program Files\\Tencent\\微信web开发者工具\\cli.bat',
  ],
};

/** The command line of WeChat DevTools: the one that WECHAT_DEVTOOLS_CLI names, or the one in its usual place. */
export async function findDevTools(environment: Environment): Promise<string | undefined> {
  const named = environment['WECHAT_DEVTOOLS_CLI'];
  const places = named === undefined || named === '' ? (devtoolsPlaces[process.platform] ?? []) : [named];
  for (const place of places) {
    const there = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return place;
  }
  return undefined;
}

/** The mini program's appid: WECHAT_APPID, or what DevTools has in its project files, whose example is nobody's. */
async function readAppid(environment: Environment): Promise<string | undefined> {
  if (environment['WECHAT_APPID']) return environment['WECHAT_APPID'];
  for (const file of ['project.private.config.json', 'project.config.json']) {
    const text = await readFile(file, 'utf8').catch(() => '{}');
    const { appid } = JSON.parse(text) as { appid?: string };
    if (appid !== undefined && /^wx[0-9a-z]{16}$/.test(appid)) return appid;
  }
  return undefined;
}

/** How a program is started. Windows starts a batch file through its shell only, which wants one line and quotes. */
export function devtoolsCommand(
  file: string,
  args: readonly string[],
): { readonly file: string; readonly args: readonly string[]; readonly shell: boolean } {
  if (!/\.(?:bat|cmd)$/i.test(file)) return { file, args, shell: false };
  return { file: [file, ...args].map((text) => `"${text}"`).join(' '), args: [], shell: true };
}

/** Why DevTools did not upload the functions; `undefined` where it did. */
async function uploadByDevTools(
  cli: string,
  appid: string,
  { envId, functions, print }: PermissionTask,
): Promise<string | undefined> {
  const folders = functions.map(({ folder }) => folder);
  const args = ['cloud', 'functions', 'deploy', '--env', envId, '--paths', ...folders, '--appid', appid];
  const command = devtoolsCommand(cli, args);
  let said = '';
  const onText = (text: string) => {
    said += text;
  };
  const { code, fault } = await runProgram(command.file, command.args, { shell: command.shell, onText });
  if (fault !== undefined) return fault;
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  for (const line of lines) print(`  | ${line}`);
  // It has been seen to end with 0 after an error of its own.
  const error = lines.find((line) => /\[error\]/i.test(line));
  return code === 0 && error === undefined ? undefined : (error ?? `it ended with ${code}`);
}

/** What WeChat's numbers mean here, where it is not what they mean elsewhere. */
const tokenAdvice: { readonly [errcode: number]: string } = {
  40001: 'the token is not valid, or no longer the latest',
  40014:
    'this interface is one of third-party platforms: it takes an authorizer_access_token (permission set 49), not the app’s own token',
  42001: 'the token has expired',
  48001: 'the token’s account lacks permission set 49',
};

async function uploadByToken(
  token: string,
  { envId, functions, environment, print }: PermissionTask,
): Promise<boolean> {
  for (const { name, permissions } of functions) {
    const answer = await postToWeChat(
      environment,
      '/tcb/uploadfuncconfig',
      { access_token: token },
      {
        type: 1,
        env: envId,
        function_name: name,
        config: JSON.stringify({ permissions: { openapi: permissions } }),
      },
    );
    if (answer.errcode !== 0) {
      const advice = tokenAdvice[answer.errcode];
      print(
        `  ${name}: WeChat answered ${answer.errcode} ${answer.errmsg}${advice === undefined ? '' : ` (${advice})`}`,
      );
      return false;
    }
    print(`  ${name}: set (${permissions.join(', ')})`);
  }
  return true;
}

interface WeChatAnswer {
  readonly errcode: number;
  readonly errmsg: string;
  readonly [field: string]: unknown;
}

const limitMs = 20_000;

/** POSTs to WeChat's HTTPS interface. Never throws, and never says where it asked: the address holds the token. */
export async function postToWeChat(
  environment: Environment,
  place: string,
  query: { readonly [name: string]: string },
  body: object,
): Promise<WeChatAnswer> {
  const base = environment['WECHAT_API_URL'] || 'https://api.weixin.qq.com';
  try {
    const { status, said } = await request(new URL(`${base}${place}?${new URLSearchParams(query)}`), {
      headers: { 'content-type': 'application/json' },
      text: JSON.stringify(body),
      environment,
      limitMs,
    });
    const answer = parseObject(said);
    if (answer === undefined) return { errcode: -1, errmsg: `no answer in JSON (status ${status})` };
    const { errcode = 0, errmsg = '' } = answer;
    const token = query['access_token'] ?? '';
    const words = String(errmsg).replaceAll(token === '' ? '\0' : token, '(token)');
    return { ...answer, errcode: Number(errcode), errmsg: words };
  } catch (error) {
    return { errcode: -1, errmsg: noAnswer(error, limitMs) };
  }
}

/** What a person does where no program could. */
function permissionSteps({ envId, functions }: PermissionTask): string[] {
  const roots = new Set(functions.map(({ folder }) => path.relative('.', path.dirname(folder))));
  return [
    'Permissions were NOT set by this run; the CLI never sets them, and without them every open API answers -604101.',
    'Before the first message, and whenever a config.json has changed:',
    '  1. Write your mini program’s appid into project.config.json.',
    `  2. Open this folder in WeChat DevTools; its function folder is ${[...roots].map((root) => root.split(path.sep).join('/')).join(', ')}.`,
    `  3. Choose the environment ${envId} (right click on the function folder, current environment).`,
    '  4. Right click on each function below, Create and deploy: all files (上传并部署：所有文件).',
    ...functions.map(({ name, permissions }) => `       ${name}: ${permissions.join(', ')}`),
    '  5. Wait ten minutes: WeChat keeps permissions that long.',
    '  Uploading code alone with the CLI is said to leave permissions as they are.',
  ];
}
