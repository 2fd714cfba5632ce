import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createCustomerService } from '../../miniprogram/kefu-client';
import { decideTyping, type Happening } from '../../shared/wechat/reply-window';

/** The sign that is shown while work lasts, with the time standing still. */

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
});
afterEach(() => {
  jest.useRealTimers();
});

const second = 1000;

/** WeChat's rules for the sign, 100 ms away. The user wrote when the time began, and writes every 20 s. */
function wechat() {
  const happenings: Happening[] = [];
  for (let at = 0; at < 300 * second; at += 20 * second) happenings.push({ kind: 'message', at });
  const calls: { readonly at: number; readonly command: string; readonly errCode: number }[] = [];
  const service = createCustomerService({
    async call({ data }) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const { command = 'Typing' } = data as { command?: 'Typing' | 'CancelTyping' };
      const now = Date.now();
      const errCode = decideTyping(
        command,
        happenings.filter(({ at }) => at <= now).sort((one, other) => one.at - other.at),
        now,
      );
      if (errCode === 0)
        happenings.push({ kind: command === 'Typing' ? 'typing' : 'cancel-typing', at: now });
      calls.push({ at: now, command, errCode });
      if (errCode === 0) return { result: { errCode, errMsg: 'ok' } };
      const code = errCode === 45081 ? 'already-typing' : 'typing-refused';
      return { result: { errCode, errMsg: 'no', code, retryable: false, advice: '' } };
    },
  });
  return { service, calls };
}

const lasting = (ms: number) => () => new Promise<string>((resolve) => setTimeout(() => resolve('done'), ms));

/** A service that answers each call by what the list says, and `refused` afterwards. */
function scripted(...answers: readonly object[]) {
  const commands: string[] = [];
  const service = createCustomerService({
    async call({ data }) {
      const { command = 'Typing' } = data as { command?: string };
      commands.push(command);
      return answers[commands.length - 1] ?? refusal('typing-refused', 45080);
    },
  });
  return { service, commands };
}

const ok = { result: { errCode: 0, errMsg: 'ok' } };
const refusal = (code: string, errCode: number, retryable = false) => ({
  result: { errCode, errMsg: 'no', code, retryable, advice: '' },
});

describe('withTyping', () => {
  test('shows the sign, renews it before it has gone, and ends it when the work ends', async () => {
    const { service, calls } = wechat();
    const work = service.withTyping(lasting(50 * second));
    await jest.advanceTimersByTimeAsync(50 * second);
    expect(await work).toBe('done');
    await jest.advanceTimersByTimeAsync(second);
    expect(calls.at(-1)).toMatchObject({ command: 'CancelTyping', errCode: 0 });
    // Asked before 15 s have passed, and again until WeChat takes it: the sign is never away for more than two seconds.
    expect(calls[1]?.at).toBeLessThan(15 * second);
    const shown = calls
      .filter(({ command, errCode }) => command === 'Typing' && errCode === 0)
      .map(({ at }) => at);
    expect(shown.length).toBeGreaterThanOrEqual(3);
    for (const [index, at] of shown.entries()) {
      if (index > 0) expect(at - (shown[index - 1] ?? 0)).toBeLessThanOrEqual(17 * second);
    }
    const before = calls.length;
    await jest.advanceTimersByTimeAsync(120 * second);
    expect(calls).toHaveLength(before);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('ends the sign of work that is over before the sign is shown', async () => {
    const { service, calls } = wechat();
    expect(await service.withTyping(() => 'at once')).toBe('at once');
    expect(calls).toEqual([]);
    await jest.advanceTimersByTimeAsync(second);
    expect(calls.map(({ command }) => command)).toEqual(['Typing', 'CancelTyping']);
  });

  test('takes a sign that shows already for one that is shown', async () => {
    const { service, calls } = wechat();
    await Promise.all([service.typing(), jest.advanceTimersByTimeAsync(second)]);
    const work = service.withTyping(lasting(20 * second));
    await jest.advanceTimersByTimeAsync(20 * second);
    await work;
    await jest.advanceTimersByTimeAsync(second);
    expect(calls[1]).toMatchObject({ command: 'Typing', errCode: 45081 });
    expect(calls.filter(({ command, errCode }) => command === 'Typing' && errCode === 0)).toHaveLength(2);
    expect(calls.at(-1)).toMatchObject({ command: 'CancelTyping' });
  });

  test('keeps the order of two works that follow each other', async () => {
    const { service, calls } = wechat();
    await service.withTyping(() => 1);
    await service.withTyping(() => 2);
    await jest.advanceTimersByTimeAsync(second);
    expect(calls.map(({ command, errCode }) => [command, errCode])).toEqual([
      ['Typing', 0],
      ['CancelTyping', 0],
      ['Typing', 0],
      ['CancelTyping', 0],
    ]);
  });

  test('lets the work fail as it fails, and ends the sign', async () => {
    const { service, calls } = wechat();
    const failure = new Error('no answer known');
    await expect(
      service.withTyping(async () => {
        throw failure;
      }),
    ).rejects.toBe(failure);
    await expect(
      service.withTyping(() => {
        throw failure;
      }),
    ).rejects.toBe(failure);
    await jest.advanceTimersByTimeAsync(second);
    expect(calls.map(({ command }) => command)).toEqual(['Typing', 'CancelTyping', 'Typing', 'CancelTyping']);
  });

  test('asks no more after a refusal, and ends no sign that was never shown', async () => {
    const { service, commands } = scripted(refusal('typing-refused', 45080));
    const work = service.withTyping(lasting(60 * second));
    await jest.advanceTimersByTimeAsync(61 * second);
    expect(await work).toBe('done');
    expect(commands).toEqual(['Typing']);
  });

  test('tries again soon where the network failed', async () => {
    const { service, commands } = scripted(refusal('wechat-busy', -1, true), ok, ok);
    const work = service.withTyping(lasting(5 * second));
    await jest.advanceTimersByTimeAsync(6 * second);
    await work;
    expect(commands).toEqual(['Typing', 'Typing', 'CancelTyping']);
  });

  test('is neither failed nor held up by calls that never come back', async () => {
    const service = createCustomerService({ call: () => new Promise(() => undefined) });
    const work = service.withTyping(lasting(second));
    await jest.advanceTimersByTimeAsync(second);
    expect(await work).toBe('done');
    const thrower = createCustomerService({
      call: () => {
        throw new Error('broken');
      },
    });
    const other = thrower.withTyping(lasting(second));
    await jest.advanceTimersByTimeAsync(second);
    expect(await other).toBe('done');
  });

  test('shows the sign to the user it names', async () => {
    const requests: object[] = [];
    const service = createCustomerService({
      async call({ data }) {
        requests.push(data);
        return ok;
      },
    });
    await service.withTyping(() => undefined, { touser: 'o1', account: 'official' });
    await jest.advanceTimersByTimeAsync(second);
    expect(requests).toEqual([
      { touser: 'o1', account: 'official' },
      { touser: 'o1', account: 'official', command: 'CancelTyping' },
    ]);
  });
});
