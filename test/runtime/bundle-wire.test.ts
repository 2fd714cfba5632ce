import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { bundleFunctions } from '../../scripts/build-functions';
import { calls } from '../scripts/bundle/calls';
import { type CloudNode, cloudNodes } from '../scripts/bundle/nodes';
import { createRecorder, type RecordedRequest, type Recorder } from '../scripts/bundle/recorder';

/**
 * The SDK in a bundle asks for the same as the SDK from node_modules: every request, header for header, and what comes
 * of it. On the Node that runs the tests, and on those of the cloud where they are installed (`bench/nodes`).
 */

const source = 'test/scripts/bundle/calls.ts';

interface Exchange {
  readonly requests: RecordedRequest[];
  readonly outcome: unknown;
}

let recorder: Recorder;
let folder: string;
beforeAll(async () => {
  recorder = await createRecorder();
  folder = await mkdtemp(path.join(tmpdir(), 'bundle-wire-'));
  await Promise.all([
    bundleFunctions({ bundled: source }, folder),
    build({
      entryPoints: [source],
      outfile: path.join(folder, 'plain', 'index.js'),
      bundle: true,
      platform: 'node',
      packages: 'external',
    }),
  ]);
});
afterAll(async () => {
  recorder.close();
  await rm(folder, { recursive: true });
});

/** Runs all calls, and keeps what each asked for and what came of it. */
async function run(
  name: string,
  node: CloudNode,
  variables: Record<string, string>,
): Promise<Map<string, Exchange>> {
  const child: ChildProcess = fork(path.join(folder, name, 'index.js'), {
    execPath: node.file,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      // Where the plain one finds the SDK.
      NODE_PATH: path.resolve('node_modules'),
      TENCENTCLOUD_REGION: 'ap-shanghai',
      TENCENTCLOUD_SECRETID: 'id',
      TENCENTCLOUD_SECRETKEY: 'key',
      TENCENTCLOUD_SESSIONTOKEN: 'session',
      SCF_NAMESPACE: 'local',
      TCB_CONTEXT_KEYS: 'TCB_ENV,TCB_SEQID,TCB_SOURCE,TCB_SESSIONTOKEN',
      TCB_ENV: 'local',
      TCB_SEQID: 'seq',
      TCB_SOURCE: 'wx_client',
      TCB_SESSIONTOKEN: 'tcb-session',
      WX_CONTEXT_KEYS: 'WX_OPENID,WX_APPID,WX_API_TOKEN',
      WX_OPENID: 'oUser',
      WX_APPID: 'wx1',
      WX_API_TOKEN: 'api-token',
      TCB_CONTEXT_CNFG: JSON.stringify({ URL: `${recorder.url}/admin` }),
      ...variables,
    },
  });
  const exchanges = new Map<string, Exchange>();
  child.on('message', (sent: { begins?: string; ends?: string; outcome?: string }) => {
    if (sent.ends !== undefined) {
      exchanges.set(sent.ends, { requests: recorder.take(), outcome: JSON.parse(sent.outcome ?? '{}') });
    } else child.send('go ahead');
  });
  await new Promise<void>((resolve, reject) => child.on('exit', () => resolve()).on('error', reject));
  return exchanges;
}

const places: { readonly [place: string]: Record<string, string> } = {
  'a cloud function': { TENCENTCLOUD_RUNENV: 'SCF' },
  // As in local debugging, where connections are kept; without the look-up of the machine's metadata.
  'any other process': { TENCENTCLOUD: 'true' },
};

describe.each(cloudNodes)('on Node $name', (node) => {
  describe.each(Object.entries(places))('in %s', (_place, variables) => {
    let bundled: Map<string, Exchange>;
    let plain: Map<string, Exchange>;
    beforeAll(async () => {
      plain = await run('plain', node, variables);
      bundled = await run('bundled', node, variables);
    });

    test('all calls were made', () => {
      expect([...plain.keys()]).toEqual(Object.keys(calls));
      expect([...bundled.keys()]).toEqual(Object.keys(calls));
    });

    const repaired = 'send a text with joiners';
    const reworded = 'uploadFile, and be answered in HTML';
    const kept = 'send a template with converted keys';
    const different = [repaired, reworded, kept];
    test.each(Object.keys(calls).filter((name) => !different.includes(name)))('%s', (name) => {
      expect(bundled.get(name)).toEqual(plain.get(name));
    });

    test(`${repaired}: the one wanted difference`, () => {
      const [was, is] = [plain.get(repaired), bundled.get(repaired)].map((exchange) => readText(exchange));
      expect(was?.value).toContain('\\u200d');
      expect(is?.value).toContain('👨‍👩‍👧');
      expect(JSON.parse(is?.value ?? '')).toEqual(JSON.parse(was?.value ?? ''));
      expect(is?.headers).toEqual(was?.headers);
    });

    test(`${reworded}: fails too, in other words`, () => {
      const [was, is] = [plain, bundled].map((exchanges) => exchanges.get(reworded));
      expect(was?.outcome).toMatchObject({ error: { errCode: -1 } });
      expect(is?.outcome).toMatchObject({ error: { errCode: -1 } });
      expect(is?.requests).toEqual(was?.requests);
    });

    test(`${kept}: the long msgid is still one`, () => {
      const [was, is] = [plain, bundled].map((exchanges) => exchanges.get(kept));
      expect(was?.outcome).toMatchObject({ result: { msgid: { s: 1 } } });
      expect(is?.outcome).toMatchObject({ result: { msgid: '2400000000000000001' } });
      expect(is?.requests).toEqual(was?.requests);
    });

    test('the SDK names itself with its version', () => {
      expect(bundled.get('type')?.requests[0]?.headers).toEqual(
        expect.arrayContaining(['User-Agent: tcb-node-sdk/3.17.2', 'X-SDK-Version: wx-server-sdk/4.0.2']),
      );
    });
  });
});

/** The text field of a message on the wire, and the headers without what follows from it. */
function readText(exchange: Exchange | undefined): { value: string; headers: string[] } {
  const [request] = exchange?.requests ?? [];
  if (request === undefined) throw new Error('nothing was sent');
  const { requestData } = request.body as { requestData: { pairs: { key: string; value: string }[] } };
  return {
    value: requestData.pairs.find(({ key }) => key === 'text')?.value ?? '',
    headers: request.headers
      .filter((line) => !line.startsWith('content-length'))
      .map((line) => line.replace(/Signature=\w+/, '')),
  };
}
