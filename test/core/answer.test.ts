import { describe, expect, test } from '@jest/globals';
import {
  outOfTime,
  redact,
  refusalFor,
  refuseFailure,
  refuseFaults,
  success,
  withHints,
} from '../../shared/core/answer';

/** What every function answers: nothing secret, and the truth about what may have arrived. */

describe('a text of WeChat’s', () => {
  test.each([
    ['invalid credential', 'invalid credential'],
    ['see http://a.b/c?d=e here', 'see (address) here'],
    ['see HTTPS://a.b/c', 'see (address)'],
    ['not xhttp://a', 'not xhttp://a'],
    ['from 1.2.3.4 and 10.20.30.40:8080, not 1.2.3', 'from (address) and (address), not 1.2.3'],
    ['version 1.2.3 of 12:30', 'version 1.2.3 of 12:30'],
    ['ip 192.168.100.200:65535.', 'ip (address).'],
    ['access_token=abc&x=1', 'access_token=(hidden)&x=1'],
    ['"access_token": "abc", x', '"access_token": "(hidden)", x'],
    ["{'secret':'abc'}", "{'secret':'(hidden)'}"],
    ['secret = abc def', 'secret = (hidden) def'],
    ['appsecret:abc', 'appsecret:(hidden)'],
    ['x-wx-signature: abc', 'x-wx-signature: (hidden)'],
    ['jsapi_ticket=abc', 'jsapi_ticket=(hidden)'],
    ['Authorization=Basic', 'Authorization=(hidden)'],
    ['{token:abc}', '{token:(hidden)}'],
    ['the token is invalid', 'the token is invalid'],
    ['tokens: abc', 'tokens: abc'],
  ])('%j is passed on as %j', (text, passed) => {
    expect(redact(text)).toBe(passed);
  });

  test('is passed on in part where it is long', () => {
    expect(redact('x'.repeat(301))).toBe('x'.repeat(300));
  });
});

describe('a call that failed', () => {
  const code = (
    call: 'sendCustomMessage' | 'uploadTempMedia',
    errCode: number,
    outcome?: 'none' | 'unknown',
  ) =>
    refuseFailure(call, {
      ok: false,
      errCode,
      errMsg: 'at http://a',
      ...(outcome === undefined ? {} : { outcome }),
    }).code;

  test('may have been carried out where nobody knows, and a repeat would do harm', () => {
    expect(code('sendCustomMessage', -501001, 'unknown')).toBe('unknown-delivery');
    expect(code('sendCustomMessage', -501001)).toBe('unknown-delivery');
    expect(code('sendCustomMessage', 45015, 'unknown')).toBe('unknown-delivery');
  });

  test('was not where it never left, or WeChat said no, or a repeat does none', () => {
    expect(code('sendCustomMessage', -501001, 'none')).not.toBe('unknown-delivery');
    expect(code('sendCustomMessage', 45015)).toBe('window-closed');
    expect(code('uploadTempMedia', -501001, 'unknown')).not.toBe('unknown-delivery');
    expect(code('uploadTempMedia', -501001)).not.toBe('unknown-delivery');
  });

  test('says no address', () => {
    const failure = { ok: false, errCode: 45015, errMsg: 'at http://a' } as const;
    expect(refuseFailure('sendCustomMessage', failure)).toMatchObject({
      errCode: 45015,
      errMsg: 'at (address)',
    });
    const silent = { ...failure, errCode: -501001 };
    expect(refuseFailure('sendCustomMessage', silent)).toMatchObject({
      errCode: -501001,
      errMsg: 'at (address)',
    });
  });
});

describe('the refusal of an input', () => {
  const fault = (path: string) => ({ path, message: 'is wrong', errCode: 40035 });

  test('has the first fault’s number and words, and lists twenty', () => {
    expect(refuseFaults([fault('a'), { ...fault('b'), errCode: 40003 }])).toMatchObject({
      errCode: 40035,
      errMsg: 'a is wrong',
      details: [
        { path: 'a', message: 'is wrong' },
        { path: 'b', message: 'is wrong' },
      ],
    });
    expect(refuseFaults([fault('')]).errMsg).toBe('is wrong');
    const many = (count: number) =>
      refuseFaults([fault('a'), ...Array.from({ length: count - 1 }, () => fault('b'))]).details ?? [];
    expect(many(20)).toHaveLength(20);
    expect(many(21)).toHaveLength(21);
    expect(many(23).at(-1)).toEqual({ path: '', message: 'and 3 more' });
  });

  test('that ran out of time may be repeated', () => {
    expect(outOfTime()).toMatchObject({ code: 'wechat-busy', errCode: -501002, retryable: true });
  });
});

test('hints come beside success only, the new ones first', () => {
  const [first, second] = [
    { path: 'a', message: 'x' },
    { path: 'b', message: 'y' },
  ] as const;
  expect(withHints(success(), [])).toStrictEqual({ errCode: 0, errMsg: 'ok' });
  expect(withHints(success({ hints: [first] }), [second])).toEqual(success({ hints: [second, first] }));
  expect(withHints(success(), [first])).toEqual(success({ hints: [first] }));
  expect(withHints(refusalFor(45015, 'shut'), [first])).toEqual(refusalFor(45015, 'shut'));
});
