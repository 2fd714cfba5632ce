import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { variables as knownVariables } from '../shared/core/settings';
import type { Account } from '../shared/wechat/account';
import { createClock, type EmulatorClock } from './clock';
import { createDatabase, type Database } from './cloudbase/database';
import { answerGateway } from './cloudbase/gateway';
import { answerHttpAccess, httpAccessPath } from './cloudbase/http-access';
import { createStorage, type Storage, storagePath } from './cloudbase/storage';
import { createEventLog, type EventLog } from './event-log';
import { createFaults, type Faults } from './faults';
import { createRunner, type FunctionRunner, type Invocation, type Invoked } from './functions/runner';
import { createIds, type Ids } from './ids';
import { createModel, type LocalModel } from './model/model';
import { createRest } from './rest';
import { createSchedule, type Schedule } from './schedule';
import { createHttpsApi } from './wechat/https-api';
import { createPusher, type Pusher } from './wechat/pusher';
import { samplePng } from './wechat/samples';
import { templates } from './wechat/templates';
import { createWorld, type World } from './wechat/world';

export interface EmulatorOptions {
  /** The port on 127.0.0.1; 0, the default, takes a free one. */
  readonly port?: number;
  /** Where the built functions, the instance and the page are. Default `dist`. */
  readonly dist?: string;
  /** `cloudbaserc.json`: timeouts and memory. Default the one of the working folder. */
  readonly cloudbaserc?: string;
  /** Variables of the functions. Default: those of the contract that the environment has. */
  readonly variables?: { readonly [name: string]: string };
  /** The user who calls where none is named. */
  readonly openid?: string;
  readonly appids?: { readonly [A in Account]: string };
  /** Where the clock stands still at first, in milliseconds. Left out, it runs. */
  readonly startsAt?: number;
  readonly seed?: number;
  /** How many instances of one function may run at a time. */
  readonly maxInstances?: number;
  /** Whether what users do over REST is pushed to the functions. Default true. */
  readonly pushes?: boolean;
}

/** All parts of a running local WeChat, for those that are built on them. */
export interface EmulatorParts {
  readonly world: World;
  readonly log: EventLog;
  readonly clock: EmulatorClock;
  readonly ids: Ids;
  readonly faults: Faults;
  readonly storage: Storage;
  readonly database: Database;
  readonly runner: () => FunctionRunner;
  /** Pushes what users do; absent where pushes are off. */
  readonly pusher: Pusher | undefined;
  readonly schedule: Schedule;
  readonly model: LocalModel;
  readonly origin: () => string;
  readonly options: Required<Pick<EmulatorOptions, 'openid' | 'variables' | 'dist'>> & {
    readonly secrets: { readonly [A in Account]: string };
  };
  readonly reset: () => void;
  /** What `wx.cloud.callFunction` does. A user who calls is a user of the mini program. */
  readonly call: (invocation: Invocation) => Promise<Invoked>;
}

/** A running local WeChat: what `npm start` starts and what tests drive. */
export interface Emulator extends EmulatorParts {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** A file in cloud storage from the start, for trying out `fileID`. */
  readonly sampleFileID: string;
  close(): Promise<void>;
}

export const defaultOpenid = 'oKefuCloudUser0000000000001';

/** The AppSecrets of the local accounts, and a server that may use the gateway. Known to all, and good for nothing else. */
const secrets = { miniprogram: 'local-miniprogram-secret', official: 'local-official-secret' } as const;
const gatewayClients = 'local-server:local-secret:miniprogram,local-official:local-secret:official';

/** The callback's token. */
const callbackToken = 'localtoken';

const defaultAppids = { miniprogram: 'wx0000000000000001', official: 'wx00000000000000ff' } as const;

/** The pictures in cloud storage from the start. */
const samplePath = 'samples/picture.png';

/** Starts the local WeChat on the loopback interface. */
export async function createEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const dist = path.resolve(options.dist ?? 'dist');
  const envId = 'local';
  const appids = options.appids ?? defaultAppids;
  const variables = options.variables ?? contractVariables();
  const clock = createClock(options.startsAt);
  const ids = createIds(options.seed);
  const log = createEventLog(clock);
  const faults = createFaults(ids);
  const world = createWorld({ clock, ids, log, appids, origin: () => origin });
  const storage = createStorage({ envId, ids });
  const database = createDatabase({ now: clock.now, nextId: () => ids.next('doc') });
  const openid = options.openid ?? defaultOpenid;
  const schedule = createSchedule(clock);
  const model = createModel(options.seed);
  const variablesOfFunctions: Record<string, string> = {};
  let origin = '';
  let runner: FunctionRunner | undefined;

  const seed = () => {
    storage.put(samplePath, samplePng);
    // The usual user has just written, so that the first message can be sent.
    world.say('miniprogram', openid, { MsgType: 'text', Content: '你好,有人吗?' });
    world.say('official', openid, { MsgType: 'text', Content: '你好,有人吗?' });
    for (const templateId of Object.keys(templates.miniprogram)) world.subscribe(openid, templateId, 3);
  };

  const parts: EmulatorParts = {
    world,
    log,
    clock,
    ids,
    faults,
    storage,
    database,
    runner: () => {
      if (runner === undefined) throw new Error('the functions are not loaded yet');
      return runner;
    },
    origin: () => origin,
    schedule,
    model,
    pusher: undefined,
    options: { openid, variables: variablesOfFunctions, dist, secrets },
    call(invocation) {
      if (invocation.openid !== undefined) world.meet('miniprogram', invocation.openid);
      return parts.runner().invoke(invocation);
    },
    reset() {
      world.reset();
      storage.reset();
      database.reset();
      faults.put([]);
      clock.reset();
      ids.reset();
      model.reset();
      schedule.clear();
      log.clear();
      runner?.forget();
      log.add({ kind: 'reset' });
      seed();
    },
  };

  const pusher =
    options.pushes === false
      ? undefined
      : createPusher({ ...parts, origin: () => origin, variables: variablesOfFunctions });
  if (pusher !== undefined) pushResults(world, schedule, pusher);
  const whole: EmulatorParts = {
    ...parts,
    pusher,
    reset() {
      pusher?.reset();
      parts.reset();
    },
  };
  const app = createApp(whole);
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const localVariables = {
    OFFICIAL_APPID: appids.official,
    OFFICIAL_SECRET: secrets.official,
    WECHAT_API_URL: origin,
    GATEWAY_CLIENTS: gatewayClients,
    MINIPROGRAM_APPID: appids.miniprogram,
    CALLBACK_TOKEN: callbackToken,
    MODEL_URL: `${origin}/model/v1`,
    ...variables,
  };
  Object.assign(parts.options.variables, localVariables);
  try {
    runner = await createRunner({
      root: path.join(dist, 'cloudfunctions'),
      instanceFile: path.join(dist, 'emulator', 'instance.js'),
      settings: await readSettings(options.cloudbaserc ?? 'cloudbaserc.json'),
      variables: localVariables,
      envId,
      appid: appids.miniprogram,
      gatewayUrl: () => `${origin}/admin`,
      clock,
      ids,
      log,
      maxInstances: options.maxInstances ?? 10,
    });
  } catch (error) {
    // Nothing is left listening where the functions cannot be loaded.
    schedule.close();
    server.close();
    throw error;
  }
  seed();

  return {
    ...whole,
    url: origin,
    sampleFileID: storage.get(samplePath)?.fileID ?? '',
    async close() {
      schedule.close();
      runner?.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
    },
  };
}

/** Template and subscribe messages have their result pushed a second later. */
function pushResults(world: World, schedule: Schedule, pusher: Pusher): void {
  world.onNotice(({ account, openid, msgid, result, template_id: templateId }) => {
    const fields =
      account === 'official'
        ? { MsgType: 'event', Event: 'TEMPLATESENDJOBFINISH', MsgID: msgid, Status: result }
        : {
            MsgType: 'event',
            Event: 'subscribe_msg_sent_event',
            List: { TemplateId: templateId, MsgID: msgid, ErrorCode: '0', ErrorStatus: 'success' },
          };
    schedule.after(1000, () => void pusher.push(account, openid, fields));
  });
}

function createApp(parts: EmulatorParts): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(async (context, next) => {
    const wrong = refuseStranger(context);
    if (wrong !== undefined) return context.json({ error: wrong }, 403);
    return next();
  });
  app.post('/admin', (context) => answerGateway(context, parts));
  app.post('/admin/:call', (context) => answerGateway(context, parts));
  app.put(`${storagePath}*`, async (context) => {
    parts.storage.put(storedPath(context), Buffer.from(await context.req.arrayBuffer()));
    return context.body(null, 200);
  });
  app.get(`${storagePath}*`, (context) => {
    const file = parts.storage.get(storedPath(context));
    return file === undefined ? context.text('no such file', 404) : context.body(Buffer.from(file.bytes));
  });
  app.route('/model', parts.model.api);
  app.route('/_emulator', createRest(parts));
  app.route('/', createHttpsApi({ ...parts, secrets: parts.options.secrets }));
  app.all(`${httpAccessPath}/*`, (context) => answerHttpAccess(context, parts.runner()));
  app.get('/:file{.*}', (context) => servePage(context, parts.options.dist));
  app.all('*', (context) =>
    context.json(
      { error: `the local WeChat has no ${context.req.method} ${context.req.path}; see /_emulator/coverage` },
      404,
    ),
  );
  return app;
}

/**
 * Refuses what does not come from this machine's own pages and programs: another web page open in the same browser
 * could otherwise send messages here.
 */
function refuseStranger(context: Context): string | undefined {
  const host = context.req.header('host') ?? '';
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host))
    return 'this server answers on the loopback interface only';
  const origin = context.req.header('origin');
  if (origin !== undefined && origin !== `http://${host}`)
    return 'another page’s script may not call this server';
  return undefined;
}

function storedPath(context: Context): string {
  return decodeURIComponent(new URL(context.req.url).pathname.slice(storagePath.length));
}

const contentTypes: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

async function servePage(context: Context, dist: string): Promise<Response> {
  const name = context.req.path === '/' ? 'index.html' : path.basename(context.req.path);
  const type = contentTypes[path.extname(name)];
  const body =
    type === undefined ? undefined : await readFile(path.join(dist, 'page', name)).catch(() => undefined);
  if (type === undefined || body === undefined) return context.notFound();
  return context.body(body, 200, { 'content-type': type, 'cache-control': 'no-cache' });
}

/** The variables of the contract that are set where the local WeChat was started. */
function contractVariables(): { [name: string]: string } {
  return Object.fromEntries(
    Object.keys(knownVariables).flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

async function readSettings(
  file: string,
): Promise<{ name: string; timeout?: number; memorySize?: number }[]> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  return (
    (JSON.parse(text) as { functions?: { name: string; timeout?: number; memorySize?: number }[] })
      .functions ?? []
  );
}
