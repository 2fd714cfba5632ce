import { access, constants, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { PlainObject } from '../../shared/wechat/fields/values';
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
    const answer = await postToWeChat(token, environment, '/tcb/uploadfuncconfig', {
      type: 1,
      env: envId,
      function_name: name,
      config: JSON.stringify({ permissions: { openapi: permissions } }),
    });
    if (!answer.ok) {
      const advice = tokenAdvice[answer.errcode];
      print(`  ${name}: ${answer.why}${advice === undefined ? '' : ` (${advice})`}`);
      return false;
    }
    print(`  ${name}: set (${permissions.join(', ')})`);
  }
  return true;
}

/** What WeChat answered, or by which number and words it refused. */
type WeChatAnswer =
  | { readonly ok: true; readonly value: PlainObject }
  | { readonly ok: false; readonly errcode: number; readonly why: string };

const limitMs = 20_000;

/** POSTs to WeChat's HTTPS interface. Never throws, and never says where it asked: the address holds the token. */
export async function postToWeChat(
  token: string,
  environment: Environment,
  place: string,
  body: object,
  more: { readonly [name: string]: string } = {},
): Promise<WeChatAnswer> {
  const base = environment['WECHAT_API_URL'] || 'https://api.weixin.qq.com';
  const query = new URLSearchParams({ access_token: token, ...more });
  const refused = (errcode: number, errmsg: string): WeChatAnswer => {
    const told = errmsg.replaceAll(token, '(token)');
    return { ok: false, errcode, why: `WeChat answered ${errcode} ${told}` };
  };
  try {
    const { status, said } = await request(new URL(`${base}${place}?${query}`), {
      headers: { 'content-type': 'application/json' },
      text: JSON.stringify(body),
      environment,
      limitMs,
    });
    const value = parseObject(said);
    if (value === undefined) return refused(-1, `no answer in JSON (status ${status})`);
    const errcode = Number(value['errcode'] ?? 0);
    return errcode === 0 ? { ok: true, value } : refused(errcode, String(value['errmsg'] ?? ''));
  } catch (error) {
    return refused(-1, noAnswer(error, limitMs));
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
