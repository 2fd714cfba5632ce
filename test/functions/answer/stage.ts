import { rm } from 'node:fs/promises';
import { afterAll, beforeAll } from '@jest/globals';
import { createEmulator, defaultOpenid, type EmulatorOptions } from '../../../emulator/emulator';
import type { Entry } from '../../../emulator/entries';
import { until } from '../../until';
import { buildAnswering } from './build';

/** What the tests of answers stand on: the built functions with the tests' own rules, in the local WeChat. */

const user = defaultOpenid;

interface Text {
  readonly text: { readonly content: string };
  readonly aimsgcontext?: object;
}

interface Asked {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly tools: readonly { readonly name: string }[];
  readonly hasKey: boolean;
}

type Variables = { readonly [name: string]: string };

export type Stage = Awaited<ReturnType<typeof stageOn>>;

/** A stage for all tests of a file. */
export async function openStage(
  variables: Variables = {},
  options: Pick<EmulatorOptions, 'maxInstances' | 'node'> = {},
): Promise<Stage> {
  const dist = await buildAnswering();
  const stage = await stageOn(dist, variables, options);
  const close = async () => {
    await stage.close();
    await rm(dist, { recursive: true, force: true });
  };
  return { ...stage, close };
}

/**
 * For `test.concurrent`: tests that wait more than they work, each on a stage that no other has meanwhile, with nothing
 * of another's on it. No more stages are opened than tests run at a time.
 */
export function stagesFor(variables: Variables = {}) {
  let dist = '';
  const opened: Stage[] = [];
  const free: Stage[] = [];
  beforeAll(async () => {
    dist = await buildAnswering();
  }, 120_000);
  afterAll(async () => {
    await Promise.all(opened.map((stage) => stage.close()));
    await rm(dist, { recursive: true, force: true });
  });
  const open = async () => {
    const stage = await stageOn(dist, variables);
    opened.push(stage);
    return stage;
  };
  return <Given extends readonly unknown[]>(play: (stage: Stage, ...given: Given) => Promise<void>) =>
    async (...given: Given): Promise<void> => {
      const stage = free.pop() ?? (await open());
      try {
        await play(stage, ...given);
      } finally {
        stage.emulator.reset();
        free.push(stage);
      }
    };
}

async function stageOn(
  dist: string,
  variables: Variables,
  { maxInstances = 10, ...options }: Pick<EmulatorOptions, 'maxInstances' | 'node'> = {},
) {
  const emulator = await createEmulator({ ...options, dist, variables, maxInstances });
  let ids = 0;
  const pushOf = (fields: object, FromUserName = user) => {
    ids += 1;
    return {
      ToUserName: 'wx0000000000000001',
      FromUserName,
      CreateTime: Math.floor(Date.now() / 1000),
      MsgId: `m${ids}`,
      ...fields,
    };
  };
  const messageOf = (Content: string, openid = user) => pushOf({ MsgType: 'text', Content }, openid);
  const deliver = (data: { FromUserName: string }) =>
    emulator.call({ name: 'kefu-receive', data, source: 'wx_push', openid: data.FromUserName });
  const rest = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${emulator.url}/_emulator${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Record<string, unknown>;
  };
  const messages = (openid = user) =>
    emulator.world
      .conversation('miniprogram', openid)
      .messages.filter(({ from }) => from === 'service')
      .map(({ message }) => message as unknown as Text);
  /** Whether all of what was begun has come to its end; the turn of who was killed after that runs out. */
  const isQuiet = () => {
    const { kefu_jobs: jobs, kefu_turns: turns } = emulator.database.dump();
    const isOver = ({ holder, until: end }: { readonly [field: string]: unknown }) =>
      holder === '' || Number(end) < emulator.clock.now();
    return jobs?.every(({ state }) => state !== 'waiting') === true && turns?.every(isOver) === true;
  };
  return {
    emulator,
    rest,
    pushOf,
    messageOf,
    deliver,
    say(content: string, openid = user) {
      emulator.world.say('miniprogram', openid, { MsgType: 'text', Content: content });
      return deliver(messageOf(content, openid));
    },
    timer: () => emulator.call({ name: 'kefu-answer', data: {}, source: 'wx_trigger' }),
    messages,
    texts: (openid = user) => messages(openid).map(({ text }) => text.content),
    asked: async () => (await rest('GET', '/model'))['requests'] as Asked[],
    misbehave: (behaviour: string, more: object = {}) => rest('PUT', '/model', { behaviour, ...more }),
    entriesOf: <K extends Entry['kind']>(kind: K) =>
      emulator.log.since(0).filter((entry): entry is Extract<Entry, { kind: K }> => entry.kind === kind),
    documents: (name: string) => emulator.database.dump()[name] ?? [],
    isQuiet,
    /** Waits for the end of all that was begun, over the pauses of functions that try again: nobody sits them out. */
    async quietSoon() {
      await until(() => {
        emulator.clock.advance(200);
        return isQuiet();
      });
    },
    close: () => emulator.close(),
  };
}
