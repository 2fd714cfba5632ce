import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ownToken } from '../../../shared/runtime/model/own-token';
import { createModelServer, type ModelServer } from './model-server';

/** The token for CloudBase's own models: who is asked for one, and that it is asked for as wx-server-sdk does it. */

const keys = { secretId: 'id', secretKey: 'key' };
const credentials = { ...keys, sessionToken: 'session' };
let server: ModelServer;
beforeAll(async () => {
  server = await createModelServer({ keys });
});
afterAll(() => server.close());

describe('credentials go', () => {
  // The request is ended before it begins: what comes of it says whether it would have been made.
  const ask = (address: string) => ownToken(address, credentials, AbortSignal.abort());

  test.each([
    'https://env-1.api.tcloudbasegateway.com/v1/ai/cloudbase/v1',
    'https://env-1.api.intl.tcloudbasegateway.com/v1/ai/cloudbase/v1',
    'http://127.0.0.1:9/v1',
    'http://localhost:9/v1',
    'http://[::1]:9/v1',
  ])('to %s', async (address) => {
    await expect(ask(address)).rejects.toThrow('aborted');
  });

  test.each([
    'https://api.deepseek.com/v1',
    'https://tcloudbasegateway.com.example.com/v1',
    'https://eviltcloudbasegateway.com/v1',
    'http://env-1.api.tcloudbasegateway.com/v1',
    'https://env-1.api.tcloudbasegateway.com:8443/v1',
    'https://example.com/.tcloudbasegateway.com',
    'https://tcloudbasegateway.com@example.com/v1',
    'http://127.0.0.1.example.com/v1',
  ])('not to %s', async (address) => {
    await expect(ask(address)).rejects.toThrow('NotSetUp');
  });

  test('nowhere where there are none', async () => {
    const asked = ownToken(`${server.origin}/v1`, undefined, new AbortController().signal);
    await expect(asked).rejects.toThrow('NotSetUp');
  });
});

test('a token is asked for as cloud.ai() of wx-server-sdk asks, and the model then too', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [path.join(__dirname, 'sdk-ai.cjs'), server.origin],
    {
      env: {
        PATH: process.env['PATH'],
        TENCENTCLOUD_RUNENV: 'SCF',
        TENCENTCLOUD_REGION: 'ap-shanghai',
        TENCENTCLOUD_SECRETID: 'id',
        TENCENTCLOUD_SECRETKEY: 'key',
        TENCENTCLOUD_SESSIONTOKEN: 'session',
        TCB_CONTEXT_KEYS: 'TCB_ENV',
        TCB_ENV: 'env-1',
        SCF_NAMESPACE: 'env-1',
      },
    },
  );
  expect(stdout.trim().split('\n')).toEqual([
    'env-1.api.tcloudbasegateway.com/auth/v1/token/clientCredential',
    'env-1.api.tcloudbasegateway.com/v1/ai/cloudbase/chat/completions',
    '来自',
    '另一个模型。',
  ]);
  const [theirs, model] = server.asked.splice(0);
  expect(model?.headers.authorization).toBe('Bearer token-1');
  expect(await ownToken(`${server.origin}/v1`, credentials, new AbortController().signal)).toBe('token-2');
  const [ours] = server.asked.splice(0);
  const form = ({ headers: { authorization = '' } }: NonNullable<typeof ours>) =>
    String(authorization).replace(/SignedHeaders=[\w;-]+|Signature=\w+|Timestamp=\d+/g, '');
  expect(ours && form(ours)).toBe(theirs && form(theirs));
  expect([ours?.path, ours?.body]).toEqual([theirs?.path, theirs?.body]);
});
