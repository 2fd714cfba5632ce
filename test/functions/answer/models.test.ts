import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createModelServer, type ModelServer } from '../../runtime/model/model-server';
import { until } from '../../until';
import { openStage, type Stage } from './stage';

/** A model that is set by MODEL_URL: another server, and CloudBase's, which takes the function's own credentials. */

const key = 'sk-never-to-be-seen-9876543210';
let stage: Stage;
let server: ModelServer;
beforeAll(async () => {
  stage = await openStage({ MODEL_NAME: 'a-model' });
});
afterAll(() => stage.close());
afterEach(() => stage.emulator.reset());
const set = (variables: { readonly [name: string]: string }): Stage => {
  stage.emulator.setVariables(variables);
  return stage;
};

describe('another server', () => {
  beforeAll(async () => {
    server = await createModelServer({ key });
  });
  afterAll(() => server.close());

  test('is asked with its name and key, and answers', async () => {
    const { say, isQuiet, texts, emulator, asked } = set({
      MODEL_URL: `${server.origin}/v1/`,
      MODEL_KEY: key,
    });
    await say('几点发货');
    await until(isQuiet);
    expect(texts()).toEqual(['来自另一个模型。']);
    expect(server.asked.splice(0)).toMatchObject([
      {
        path: 'POST /v1/chat/completions',
        headers: { authorization: `Bearer ${key}` },
        body: {
          model: 'a-model',
          stream: true,
          messages: [{ role: 'system' }, { role: 'user', content: '几点发货' }],
        },
      },
    ]);
    expect(await asked()).toEqual([]);
    expect(JSON.stringify([emulator.log.since(0), emulator.database.dump()])).not.toContain(key);
  });

  test.each([
    [429, 2, 3, '来自另一个模型。'],
    [503, 1, 2, '来自另一个模型。'],
    [400, 1, 1, 'otherwise'],
    [401, 1, 1, 'otherwise'],
  ])('that answers %d, as often as %d, is asked %d times: %s', async (status, times, asked, said) => {
    const { say, quietSoon, texts, emulator } = set({
      MODEL_URL: `${server.origin}/v1`,
      MODEL_KEY: key,
    });
    server.refuse(status, times);
    await say('几点发货');
    await quietSoon();
    expect(texts()).toEqual([said]);
    expect(server.asked.splice(0)).toHaveLength(asked);
    expect(JSON.stringify([emulator.log.since(0), emulator.database.dump()])).not.toContain(key);
  });

  test.each([
    ['not set', ''],
    ['not there', 'http://127.0.0.1:9'],
  ])('that is %s is what the rule says otherwise', async (_how, MODEL_URL) => {
    const { say, quietSoon, texts } = set({ MODEL_URL });
    await say('几点发货');
    await quietSoon();
    expect(texts()).toEqual(['otherwise']);
  });
});

describe('CloudBase’s own', () => {
  const keys = { secretId: 'local', secretKey: 'local' };
  beforeAll(async () => {
    server = await createModelServer({ keys });
  });
  afterAll(() => server.close());
  const variables = () => ({ MODEL_URL: `${server.origin}/v1/ai/cloudbase/v1`, MODEL_KEY: 'cloudbase' });
  const paths = () => server.asked.splice(0).map(({ path }) => path.replace('POST ', ''));
  const tokenPath = '/auth/v1/token/clientCredential';
  const modelPath = '/v1/ai/cloudbase/v1/chat/completions';

  test('is asked with a token for the function’s own credentials, which serves until it is refused', async () => {
    const { say, isQuiet, texts, emulator } = set(variables());
    await say('几点发货');
    await until(isQuiet);
    expect(texts()).toEqual(['来自另一个模型。']);
    expect(paths()).toEqual([tokenPath, modelPath]);
    await say('几点发货');
    await until(() => texts().length === 2 && isQuiet());
    expect(paths()).toEqual([modelPath]);
    server.revoke();
    await say('几点发货');
    await until(() => texts().length === 3 && isQuiet());
    expect(paths()).toEqual([modelPath, tokenPath, modelPath]);
    expect(JSON.stringify([emulator.log.since(0), emulator.database.dump()])).not.toMatch(
      /token-\d|Signature=/,
    );
  });
});
