import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { variables as knownVariables } from '../shared/core/settings';
import type { Account } from '../shared/wechat/account';
import { createClock, type EmulatorClock } from './clock';
import { createDatabase } from './cloudbase/database/database';
import { createStorage } from './cloudbase/storage';
import { createEventLog } from './event-log';
import { createFaults } from './faults';
import { type DeployedFunction, readFunctions, type Variables } from './functions/deployed';
import { type OtherFunctions, readOthers } from './functions/others';
import type { RegistryOptions } from './functions/registry';
import { createRunner } from './functions/runner';
import { createIds } from './ids';
import { createModel } from './model/model';
import type { EmulatorParts, MiniProgramSource } from './parts';
import { createApp } from './server';
import { createStories, openVariables } from './story';
import { createPusher, type Pusher } from './wechat/pusher';
import { samplePng } from './wechat/samples';
import { templates } from './wechat/templates';
import { createWorld, type World } from './wechat/world';

export interface EmulatorOptions {
  /** The port on 127.0.0.1; 0, the default, takes a free one. */
  readonly port?: number;
  /** Where the built functions, the instance and the page are. Default `dist`. */
  readonly dist?: string;
  /** Where the built functions are. Default `cloudfunctions` in {@link dist}. */
  readonly functions?: string;
  /** `cloudbaserc.json`: timeouts and memory. Default the one of the working folder. */
  readonly cloudbaserc?: string;
  /** Variables of the functions. Default: those of the contract that the environment has. */
  readonly variables?: Variables;
  /** Other people's functions, to run beside ours. */
  readonly others?: OtherFunctions;
  /** Asked before each call of one of ours: {@link RegistryOptions.rebuild}. Default: ours stay as they were read. */
  readonly rebuild?: RegistryOptions['rebuild'];
  /** The Node that the functions run under, one of the cloud's say. Left out, the one that runs this. */
  readonly node?: string;
  /** The user who calls where none is named. */
  readonly openid?: string;
  readonly appids?: { readonly [A in Account]: string };
  /** Where the clock stands still at first, in milliseconds. Left out, it runs. */
  readonly startsAt?: number;
  readonly seed?: number;
  /** How many instances of one function may run at a time. */
  readonly maxInstances?: number;
  /** The mini program that the page's second phone runs. Left out, there is none. */
  readonly miniProgram?: MiniProgramSource | undefined;
  /** Whether what users do over REST is pushed to the functions. Default true. */
  readonly pushes?: boolean;
}

/** A running local WeChat: what `npm start` starts and what tests drive. */
export interface Emulator extends EmulatorParts {
  /** A file in cloud storage from the start, for trying out `fileID`. */
  readonly sampleFileID: string;
  close(): Promise<void>;
}

export const defaultOpenid = 'oKefuCloudUser0000000000001';

const envId = 'local';

/** The secret of the servers that may use the gateway. Known to all, and good for nothing else. */
const gatewaySecret = 'local-secret-known-to-everybody-here';

const defaultAppids = { miniprogram: 'wx0000000000000001', official: 'wx00000000000000ff' } as const;

/** The AppSecrets of the local accounts. Known to all, and good for nothing else. */
const secrets = { miniprogram: 'local-miniprogram-secret', official: 'local-official-secret' } as const;

/** The picture in cloud storage from the start. */
const samplePath = 'samples/picture.png';

/** Starts the local WeChat on the loopback interface. */
export async function createEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const dist = path.resolve(options.dist ?? 'dist');
  // Read before anything listens, for they may not be there.
  const ours = await readFunctions(
    options.functions ?? path.join(dist, 'cloudfunctions'),
    options.cloudbaserc ?? 'cloudbaserc.json',
  );
  const readTheirs = () => readOthers(options.others ?? { folders: [] }, ours);
  const theirs = await readTheirs();
  const server = createServer();
  const url = await listen(server, options.port ?? 0);
  const parts = createParts(options, { dist, url, ours, theirs, readTheirs });
  server.on('request', getRequestListener(createApp(parts).fetch));
  seed(parts);
  return {
    ...parts,
    sampleFileID: parts.storage.get(samplePath)?.fileID ?? '',
    async close() {
      parts.clock.close();
      parts.runner.recycle();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** Binds the port; answers the address. */
async function listen(server: Server, port: number): Promise<string> {
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What the parts stand on. */
interface Ground {
  readonly dist: string;
  readonly url: string;
  readonly ours: readonly DeployedFunction[];
  readonly theirs: readonly DeployedFunction[];
  readonly readTheirs: () => Promise<readonly DeployedFunction[]>;
}

function createParts(options: EmulatorOptions, ground: Ground): EmulatorParts {
  const { dist, url } = ground;
  const { appids = defaultAppids, openid = defaultOpenid, maxInstances = 10 } = options;
  const firstVariables: { readonly [name: string]: string } = {
    ...localVariables(appids, url),
    ...(options.variables ?? contractVariables(process.env)),
  };
  const variables: { [name: string]: string } = { ...firstVariables };
  const clock = createClock(options.startsAt);
  const ids = createIds(options.seed);
  const log = createEventLog(clock);
  const faults = createFaults(ids);
  const world = createWorld({ clock, ids, log, appids, url });
  const storage = createStorage({ envId, ids });
  const database = createDatabase({ now: clock.now, nextId: () => ids.next('doc') });
  const model = createModel(options.seed, (instance) => {
    const callId = runner.callIn(instance);
    return (answer) => log.add({ kind: 'model', callId, ...answer });
  });
  const runner = createRunner({
    functions: [...ground.ours.map((deployed) => ({ ...deployed, variables })), ...ground.theirs],
    readOthers: ground.readTheirs,
    rebuild: options.rebuild,
    instanceFile: path.join(dist, 'emulator', 'instance.js'),
    node: options.node,
    envId,
    appid: appids.miniprogram,
    gatewayUrl: `${url}/admin`,
    modelUrl: modelUrl(url),
    clock,
    ids,
    log,
    maxInstances,
  });
  const pusher =
    options.pushes === false ? undefined : createPusher({ world, clock, ids, log, runner, url, variables });
  if (pusher !== undefined) pushResults(world, clock, pusher);
  const setVariables = (changed: Variables) => {
    Object.assign(variables, changed);
    runner.renew();
  };
  const reset = () => {
    for (const name of Object.keys(variables)) delete variables[name];
    Object.assign(variables, firstVariables);
    for (const part of [pusher, world, storage, database, faults, clock, ids, model, log]) part?.reset();
    runner.forget();
    log.add({ kind: 'reset' });
    seed(parts);
    stories.reset();
  };
  const stories = createStories({
    url,
    clock,
    log,
    variables: () =>
      Object.fromEntries(Object.entries(variables).filter(([name]) => openVariables.includes(name))),
    setVariables,
    reset,
    settled: () => settled(() => runner.running + (pusher?.underWay ?? 0)),
  });
  const parts: EmulatorParts = {
    url,
    world,
    log,
    clock,
    ids,
    faults,
    storage,
    database,
    runner,
    pusher,
    model,
    options: { openid, variables, dist, secrets, miniProgram: options.miniProgram },
    call(invocation) {
      if (invocation.openid !== undefined) world.meet('miniprogram', invocation.openid);
      return runner.invoke(invocation);
    },
    stories,
    setVariables,
    reset,
  };
  return parts;
}

/** How long nothing may be under way before all is over, and how often that is looked at: a start may be on its way. */
const quietMs = 60;
const lookMs = 5;

/** Resolves when nothing has been under way for a moment. What takes longer than a function may is not waited for. */
async function settled(underWay: () => number): Promise<void> {
  const deadline = Date.now() + 70_000;
  for (let quietSince = Date.now(); Date.now() - quietSince < quietMs && Date.now() < deadline; ) {
    await pause(lookMs);
    if (underWay() > 0) quietSince = Date.now();
  }
}

/** What is there from the start: a picture, and the usual user, who has just written and can be answered. */
function seed({ storage, world, options: { openid } }: EmulatorParts): void {
  storage.put(samplePath, samplePng);
  world.say('miniprogram', openid, { MsgType: 'text', Content: '你好，有人吗？' });
  world.say('official', openid, { MsgType: 'text', Content: '你好，有人吗？' });
  for (const templateId of Object.keys(templates.miniprogram)) world.subscribe(openid, templateId, 3);
}

/** Template and subscribe messages have their result pushed a second later. */
function pushResults(world: World, clock: EmulatorClock, pusher: Pusher): void {
  world.onNotice(({ account, openid, msgid, result, template_id: templateId }) => {
    const fields =
      account === 'official'
        ? { MsgType: 'event', Event: 'TEMPLATESENDJOBFINISH', MsgID: msgid, Status: result }
        : {
            MsgType: 'event',
            Event: 'subscribe_msg_sent_event',
            List: { TemplateId: templateId, MsgID: msgid, ErrorCode: '0', ErrorStatus: 'success' },
          };
    clock.after(1000, () => void pusher.push(account, openid, fields));
  });
}

function modelUrl(url: string): string {
  return `${url}/model/v1`;
}

/** What the functions are told where nothing else is said: the local accounts, and servers that may use the gateway. */
function localVariables(appids: { readonly [A in Account]: string }, url: string) {
  return {
    OFFICIAL_APPID: appids.official,
    OFFICIAL_SECRET: secrets.official,
    WECHAT_API_URL: url,
    GATEWAY_CLIENTS: `local-server:${gatewaySecret}:miniprogram,local-official:${gatewaySecret}:official`,
    MINIPROGRAM_APPID: appids.miniprogram,
    CALLBACK_TOKEN: 'localtoken',
    MODEL_URL: modelUrl(url),
    KEFU_CLIENT_FILES: '*',
    KEFU_SECRET: 'local-secret-that-seals-what-the-functions-write',
  };
}

/** The variables of the contract that an environment has. */
export function contractVariables(environment: { readonly [name: string]: string | undefined }): Variables {
  return Object.fromEntries(
    Object.keys(knownVariables).flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
