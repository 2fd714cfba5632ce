import { createRequire } from 'node:module';
import path from 'node:path';
import { createEmulator, defaultOpenid, type Emulator } from '../emulator/emulator';
import { buildEmulator } from '../scripts/build-emulator';
import { buildFunctions } from '../scripts/build-functions';
import { ratiosOf, type Section, spreadOf } from './statistics';
import type { Workplace } from './workplace';

// Both are CommonJS, and one has no types.
const load = createRequire(path.resolve('package.json'));

/** One published client: how it sends a text to a server that stands in for WeChat's. */
interface Client {
  readonly name: string;
  readonly connect: (address: string, appid: string, secret: string) => Promise<() => Promise<unknown>>;
}

const hello = { touser: defaultOpenid, msgtype: 'text', text: { content: 'Hello World' } };

const clients: readonly Client[] = [
  {
    name: 'co-wechat-api',
    async connect(address, appid, secret) {
      const Api = load('co-wechat-api') as new (
        appid: string,
        secret: string,
      ) => { prefix: string; sendText(to: string, text: string): Promise<unknown> };
      const api = new Api(appid, secret);
      api.prefix = `${address}/cgi-bin/`;
      return () => api.sendText(defaultOpenid, hello.text.content);
    },
  },
  {
    name: 'node-easywechat',
    async connect(address, appid, secret) {
      const easy = load('node-easywechat') as {
        OfficialAccount: new (
          config: object,
        ) => {
          setCache(cache: object): void;
          getClient(): { postJson(url: string, data: object): Promise<unknown> };
        };
      };
      const app = new easy.OfficialAccount({ app_id: appid, secret, http: { baseURL: `${address}/` } });
      const cached = new Map<string, unknown>();
      app.setCache({
        get: async (key: string) => cached.get(key),
        set: async (key: string, value: unknown) => cached.set(key, value) instanceof Map,
        has: async (key: string) => cached.has(key),
        delete: async (key: string) => cached.delete(key),
      });
      const client = app.getClient();
      return () => client.postJson('cgi-bin/message/custom/send', hello);
    },
  },
];

/**
 * A text sent by a server's WeChat client through `kefu-gateway`, against the same client at the gateway's own target:
 * what the way through one's own cloud function costs, HTTP access and the function's process included.
 */
export async function measureNpmClients(workplace: Workplace): Promise<Section> {
  await Promise.all([buildFunctions(), buildEmulator()]);
  const emulator = await createEmulator({
    dist: path.resolve('dist'),
    pushes: false,
    variables: { OFFICIAL_CHANNEL: 'https' },
  });
  // WeChat says yes to every message, however many there are.
  emulator.faults.put([{ api: '/cgi-bin/message/custom/send', errcode: 0 }]);
  try {
    const rows: Section['rows'][number][] = [];
    for (const client of clients) {
      workplace.progress(`npm clients: ${client.name}`);
      rows.push(await measureClient(client, emulator, workplace.quick ? 60 : 210));
    }
    return {
      title: 'npm clients',
      about:
        'One text by a published client, warm: through kefu-gateway and its function, against WeChat itself (local).',
      rows,
    };
  } finally {
    await emulator.close();
  }
}

async function measureClient(
  client: Client,
  emulator: Emulator,
  times: number,
): Promise<Section['rows'][number]> {
  const throughGateway = await client.connect(
    `${emulator.url}/gateway`,
    'local-official',
    'local-secret-known-to-everybody-here',
  );
  const direct = await client.connect(
    emulator.url,
    emulator.world.appids.official,
    emulator.options.secrets.official,
  );
  const gatewayMs: number[] = [];
  const directMs: number[] = [];
  for (let round = 0; round < times + 20; round += 1) {
    const [first, second] = [await timed(throughGateway), await timed(direct)];
    if (round < 20) continue;
    gatewayMs.push(first);
    directMs.push(second);
  }
  return {
    name: client.name,
    cells: {
      'direct ms': spreadOf(directMs).median,
      'gateway ms': spreadOf(gatewayMs).median,
      ratio: ratiosOf(gatewayMs, directMs),
    },
  };
}

async function timed(send: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await send();
  return performance.now() - startedAt;
}
