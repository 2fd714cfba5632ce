import { pushPairs, receiver } from './checklist';
import type { Asked } from './cloud/cloud-api';
import type { Environment } from './command-line';
import { type PermissionTask, postToWeChat } from './permissions';

/**
 * What WeChat's message push is set to, by `tcb/getcallbackconfig` and `tcb/setcallbackconfig`. Their pages ask for an
 * `authorizer_access_token` of a third-party platform (permission set 49 or 64), as `uploadfuncconfig` does.
 */

/** One pair of <MsgType, Event>, and the function that it goes to. `event` is empty for a message. */
export interface PushCallback {
  readonly msgType: string;
  readonly event: string;
  readonly env: string;
  readonly functionName: string;
  readonly enable: boolean;
}

export interface PushSettings {
  readonly container_config?: { readonly enable?: boolean };
  readonly function_config?: { readonly enable?: boolean; readonly callbacks?: readonly PushCallback[] };
}

/** Asks WeChat what the push is set to. */
export async function readPushSettings(
  token: string,
  environment: Environment,
): Promise<Asked<PushSettings>> {
  const answer = await postToWeChat(token, environment, '/tcb/getcallbackconfig', {});
  return answer.ok ? { ok: true, value: (answer.value['data'] ?? {}) as PushSettings } : answer;
}

const isSame = (one: Pick<PushCallback, 'msgType' | 'event'>, { MsgType, Event }: Pair): boolean =>
  one.msgType === MsgType && one.event === Event;

type Pair = ReturnType<typeof pushPairs>[number];
const shown = ({ MsgType, Event }: Pair) => (Event === '' ? MsgType : `${MsgType} ${Event}`);

/** What keeps pushes from `kefu-receive` of this environment, a sentence each. */
export function pushFaults(settings: PushSettings, envId: string): string[] {
  const { container_config: container, function_config: functions } = settings;
  if (container?.enable === true)
    return ['message push goes to Cloud Hosting (云托管): while that is on, no function gets one'];
  if (functions?.enable !== true) return ['message push to functions is off'];
  const faults = new Map<string, string[]>();
  for (const pair of pushPairs()) {
    const found = functions.callbacks?.find((one) => isSame(one, pair));
    if (found?.enable === true && found.env === envId && found.functionName === receiver) continue;
    const where =
      found?.enable === true
        ? `go to ${found.functionName} of ${found.env}`
        : 'go to no function: they reach WeChat’s own customer service, or a server';
    faults.set(where, [...(faults.get(where) ?? []), shown(pair)]);
  }
  return [...faults].map(([where, pairs]) => `the pushes ${pairs.join(', ')} ${where}`);
}

/** Settings under which every push that `kefu-receive` reads goes there, and every other where it went. */
export function withReceiver({ function_config: functions }: PushSettings, envId: string): PushSettings {
  const pairs = pushPairs();
  const others = (functions?.callbacks ?? []).filter((one) => !pairs.some((pair) => isSame(one, pair)));
  const ours = pairs.map(({ MsgType, Event }) => ({
    msgType: MsgType,
    event: Event,
    env: envId,
    functionName: receiver,
    enable: true,
  }));
  return { function_config: { enable: true, callbacks: [...others, ...ours] } };
}

/** Sets the push, and says what it was. Where WeChat will not have it the settings stay as they are. */
export async function setPush({
  envId,
  environment,
  print,
}: Omit<PermissionTask, 'functions'>): Promise<boolean> {
  const token = environment['WECHAT_ACCESS_TOKEN'] ?? '';
  if (token === '') {
    print('Message push: --push needs WECHAT_ACCESS_TOKEN; it was left as it is.');
    return false;
  }
  const before = await readPushSettings(token, environment);
  if (!before.ok) {
    print(`Message push: ${before.why}; it was left as it is.`);
    return false;
  }
  const faults = pushFaults(before.value, envId);
  if (before.value.container_config?.enable === true) {
    print(`Message push: ${faults.join('; ')}. Turn that off first.`);
    return false;
  }
  for (const line of faults) print(`Message push, before: ${line}.`);
  const after = withReceiver(before.value, envId);
  const answer = await postToWeChat(token, environment, '/tcb/setcallbackconfig', after);
  const outcome = answer.ok ? `set to ${receiver} of ${envId}.` : `${answer.why}; it was left as it is.`;
  print(`Message push: ${outcome}`);
  return answer.ok;
}
