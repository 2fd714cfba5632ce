import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Caller, decideRole } from '../core/access';
import { englishAdvice, type Refusal, refusal } from '../core/answer';
import { type CloudFunction, type FunctionRow, ownFields, wantsChinese } from '../core/define-function';
import { logThrown } from '../core/failures';
import { type Clock, type Log, type Ports, shown } from '../core/ports';
import { type ParsedSettings, parseSettings, type Settings } from '../core/settings';
import type { CallName } from '../wechat/calls';
import { readCaller, readTimeLimitMs } from './call-context';
import { createCloudDatabase, digest } from './database';
import { createCloudFiles } from './files';
import { beginCall, hasCredentials, sdk } from './sdk';
import { createWeChat } from './wechat';
import { within } from './within';

/** How long before its limit a call counts as out of time, in milliseconds: the answer has to get out too. */
const closingMs = 300;

/** `exports.main`, with the function's row on it: tests, documents and the deploy read it there. */
export interface Main {
  (event: unknown, context: unknown): Promise<object | string>;
  readonly row: FunctionRow;
}

/**
 * Makes `exports.main` of a cloud function.
 *
 * It never throws at its caller: whatever goes wrong becomes an answer, and the cause a line in the function's log.
 * That line holds neither text of a message nor a whole openid.
 */
export function serve(definition: CloudFunction): Main {
  const { handle, shape = (refused: Refusal) => refused, ...row } = definition;
  const { name } = row;
  let parsed: ParsedSettings | undefined;

  const main = async (event: unknown, context: unknown) => {
    const answer = await answerTo(event, context);
    if (!wantsChinese(event, row) || typeof answer !== 'object') return answer;
    // In a file of its own, loaded for these answers only.
    const { inChinese } = await import('../wechat/errors/in-chinese');
    return inChinese(answer as { readonly [field: string]: unknown }, englishAdvice);
  };

  const answerTo = async (event: unknown, context: unknown) => {
    beginCall();
    const startedAt = Date.now();
    const caller = readCaller(context);
    const log = createLog(name, context);
    parsed ??= parseSettings(process.env);
    if (!parsed.ok) {
      log({ failed: true, variable: parsed.variable });
      return shape(
        refusal('configuration-invalid', -501009, `the variable ${parsed.variable} ${parsed.message}`),
        event,
      );
    }
    const { settings } = parsed;
    let answer: object | string;
    try {
      const act = isSelfCheck(event) ? (await import('./self-check')).selfCheck(row) : handle;
      answer = await act(event, caller, createPorts(settings, createClock(startedAt, context), log));
    } catch (error) {
      log({
        failed: true,
        why: error instanceof Error ? `${error.name} ${firstFrame(error)}` : 'thrown value',
      });
      answer = shape(refusal('internal-error', -504002, 'the function failed; its log says where'), event);
    }
    const { errCode, code } = answer as { errCode?: number; code?: string };
    log({
      role: decideRole(caller, settings.operators),
      source: caller.source,
      ...whoDidWhat(event, caller),
      errCode,
      code,
      ms: Date.now() - startedAt,
    });
    return answer;
  };
  return Object.assign(main, { row });
}

/** Whether an event asks the function how it is, by `kefuSelfCheck` and nothing else. */
function isSelfCheck(event: unknown): boolean {
  if (typeof event !== 'object' || event === null || !Object.hasOwn(event, 'kefuSelfCheck')) return false;
  return Object.keys(ownFields(event)).length === 1;
}

function createPorts(settings: Settings, clock: Clock, log: Log): Ports<CallName> {
  const database = createCloudDatabase(settings.secret);
  return {
    wechat: createWeChat({ settings, database, clock, log }),
    database,
    files: createCloudFiles(),
    clock,
    log,
    digest,
    newId: () => randomBytes(12).toString('hex'),
    sleep: (ms) => pause(ms),
    every(ms, work) {
      const timer = setInterval(work, ms);
      return () => clearInterval(timer);
    },
    startFunction: (name, data) => startFunction(name, data, log),
    settings,
  };
}

/** How long a started function's request is given to leave: this one is frozen when it returns. */
const leaveMs = 250;

async function startFunction(name: string, data: object, log: Log): Promise<void> {
  if (!hasCredentials()) return;
  let waiting = true;
  // What it answers is nobody's concern, and may come long after this call is over.
  const called = sdk()
    .callFunction({ name, data })
    .catch((error: unknown) => {
      if (waiting) logThrown({ log }, 'start', error);
    });
  await within(leaveMs, called).catch(() => undefined);
  waiting = false;
}

function createClock(startedAt: number, context: unknown): Clock {
  const limitMs = readTimeLimitMs(context);
  return {
    now: () => Date.now(),
    remainingMs: () =>
      limitMs === undefined ? Number.POSITIVE_INFINITY : startedAt + limitMs - closingMs - Date.now(),
  };
}

/** Who did what to whom, as hashes: the same person or message has the same one in every line. */
function whoDidWhat(event: unknown, { openid }: Caller) {
  const { touser = openid, messages } = ownFields(event);
  const list = Array.isArray(messages) ? messages.slice(0, mostNamed) : [{ touser }];
  const receivers = list.map((message) => hashOf(ownFields(message)['touser'] ?? touser) ?? '');
  return {
    caller: hashOf(openid),
    receiver: [...new Set(receivers)].join(' ') || undefined,
    event: hashOf(event),
  };
}

/** How many receivers of a list a line names: `kefu-send` takes no more messages. */
const mostNamed = 100;

/** A short hash; none of nothing, and of what is too deep to be written. */
function hashOf(value: unknown): string | undefined {
  try {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return text === undefined ? undefined : shown(text, { digest });
  } catch {
    return undefined;
  }
}

function createLog(name: string, context: unknown): Log {
  const requestId = (context as { request_id?: unknown } | null)?.request_id;
  return (line) => console.log(JSON.stringify({ function: name, requestId, ...line }));
}

/** Where an error was thrown, without the text of its message, which may quote the input. */
function firstFrame(error: Error): string {
  return (
    error.stack
      ?.split('\n')
      .find((line) => line.trimStart().startsWith('at '))
      ?.trim() ?? ''
  );
}
