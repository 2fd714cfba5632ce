import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { parseSettings } from '../../../shared/core/settings';
import { modelOf } from '../../../shared/runtime/model/model';

/** The way to a model, where what is asked begins to answer and says nothing. */

const credentials = { secretId: 'id', secretKey: 'key', sessionToken: 'session' };

test.each([
  ['a model', {}, undefined, 'text/event-stream'],
  ['a token for CloudBase’s', { MODEL_KEY: 'cloudbase' }, credentials, 'application/json'],
])(
  '%s that is late is given up, whatever garbage was collected since it began to answer',
  async (_what, key, own, type) => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': type });
      response.flushHeaders();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const parsed = parseSettings({ MODEL_URL: url, ...key });
    if (!parsed.ok) throw new Error(parsed.message);
    const ask = modelOf(parsed.settings, () => own);
    const collecting = setInterval(collect, 100);
    try {
      const parts = ask({ messages: [], tools: [], withinMs: 800, signal: new AbortController().signal });
      await expect(parts[Symbol.asyncIterator]().next()).rejects.toMatchObject({ name: 'ModelLate' });
    } finally {
      clearInterval(collecting);
      server.closeAllConnections();
      server.close();
    }
  },
  10_000,
);
