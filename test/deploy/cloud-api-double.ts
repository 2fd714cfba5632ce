import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { pathToFileURL } from 'node:url';

/**
 * Stands in for the Tencent Cloud API on the loopback interface, for the real @cloudbase/cli.
 *
 * The CLI can be given another host for the service `tcb` only; `scf`, which has the functions, is always asked over
 * HTTPS at its own name. But every request goes through `http_proxy`: the double is that proxy, and answers in the
 * name of whoever was asked for. Its TLS is anonymous (no certificate on either side), which the CLI's process is told
 * to accept by NODE_OPTIONS, so that no key has to be kept in the project.
 */

/** A request of the cloud's API, as it arrived. */
export interface CloudRequest {
  readonly host: string;
  readonly action: string;
  readonly version: string;
  readonly region: string;
  readonly body: { readonly [field: string]: unknown };
  /** What it was signed by, and what of it is signed beside the host. */
  readonly authorization: string;
  readonly type: string;
  readonly text: string;
  readonly timestamp: number;
  /** Of keys that were lent. */
  readonly token: string;
}

/** A function as the cloud holds it. */
export interface CloudFunction {
  readonly FunctionName: string;
  readonly Namespace: string;
  readonly Handler: string;
  readonly Runtime: string;
  readonly Timeout: number;
  readonly MemorySize: number;
  readonly InstallDependency: string;
  readonly Environment: { readonly Variables: readonly { readonly Key: string; readonly Value: string }[] };
  readonly Triggers: readonly {
    readonly TriggerName: string;
    readonly Type: string;
    readonly TriggerDesc: string;
  }[];
  /** The uploaded zip. */
  readonly zip: Buffer;
}

/** What a call of a function comes to: its answer as JSON text, or why it failed. */
export type CloudInvocation = { readonly ok: boolean; readonly text: string };

export interface CloudApiDouble {
  readonly functions: Map<string, CloudFunction>;
  /** The collections of the database, each with the rule that it stands under. */
  readonly collections: Map<string, string>;
  readonly requests: CloudRequest[];
  /** Hosts that are not the cloud's API and were asked for something: the CLI's own telemetry. */
  readonly strangers: Set<string>;
  /** The variables that send a CLI here. */
  readonly environment: { readonly [name: string]: string };
  /** The paths of HTTP access, and the domains of one's own. */
  access: readonly {
    readonly Path: string;
    readonly Name: string;
    readonly Type: number;
    readonly CreateTime: number;
  }[];
  domains: readonly string[];
  /** What the CLI is lent in place of keys that are over; nothing where its login is over too. */
  renewal: object | undefined;
  /** Called for `fn invoke`. */
  invoke: (name: string, event: unknown) => Promise<CloudInvocation>;
  /** Answers these actions with an error. */
  readonly errors: Map<string, { readonly Code: string; readonly Message: string }>;
  clear(): void;
  close(): Promise<void>;
}

/** The cipher suite without certificates. */
const anonymous = 'ADH-AES256-GCM-SHA384:@SECLEVEL=0';

/** Where the CLI has keys renewed that a browser's login has lent it. */
const renewals = 'iaas.cloud.tencent.com';

/** What lets the CLI start in half the time. */
const cliCache = 'test/setup/cli-cache.mjs';

/** What anybody's SecretId looks like; the double takes every one that is signed with. */
const signed =
  /^TC3-HMAC-SHA256 Credential=[^/]+\/\d{4}-\d\d-\d\d\/\w+\/tc3_request, SignedHeaders=.+, Signature=[0-9a-f]{64}$/;

class CloudError extends Error {
  override readonly name = 'CloudError';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export async function createCloudApiDouble(envId: string): Promise<CloudApiDouble> {
  const functions = new Map<string, CloudFunction>();
  const collections = new Map<string, string>();
  const requests: CloudRequest[] = [];
  const strangers = new Set<string>();
  const errors: CloudApiDouble['errors'] = new Map();

  const known = (body: CloudRequest['body']): CloudFunction => {
    const held = functions.get(String(body['FunctionName']));
    if (held === undefined) throw new CloudError('ResourceNotFound.Function', 'the function does not exist');
    return held;
  };
  const collectionIn = (body: CloudRequest['body']): string => {
    const held = collections.get(String(body['CollectionName']));
    if (held === undefined || body['EnvId'] !== envId)
      throw new CloudError('ResourceNotFound', 'the collection does not exist');
    return held;
  };
  const change = (body: CloudRequest['body'], changes: object) => {
    const held = known(body);
    functions.set(held.FunctionName, { ...held, ...changes });
    return {};
  };

  const actions: { readonly [action: string]: (body: CloudRequest['body']) => object | Promise<object> } = {
    DescribeEnvs: () => ({ EnvList: [environmentRow(envId)], Total: 1 }),
    DescribeCloudBaseGWAPI: () => ({ APISet: double.access }),
    DescribeCloudBaseGWService: () => ({
      DefaultDomain: `${envId}.ap-shanghai.app.tcloudbase.com`,
      ServiceSet: double.domains.map((Domain) => ({ Domain, Status: 3, OpenTime: 1_790_000_000 })),
    }),
    ListFunctions: () => ({
      TotalCount: functions.size,
      Functions: [...functions.values()].map(({ FunctionName, Runtime }) => ({
        FunctionId: `lam-${FunctionName}`,
        FunctionName,
        Runtime,
        AddTime: '2026-01-01 00:00:00',
        ModTime: '2026-01-01 00:00:00',
        Status: 'Active',
      })),
    }),
    GetFunction: (body) => {
      const { zip, Triggers, ...rest } = known(body);
      return {
        ...rest,
        Type: 'Event',
        Status: 'Active',
        CodeSize: zip.length,
        VpcConfig: {},
        // It takes an expression and answers it in JSON.
        Triggers: Triggers.map((row) => ({ ...row, TriggerDesc: JSON.stringify({ cron: row.TriggerDesc }) })),
      };
    },
    CreateFunction: (body) => {
      const name = String(body['FunctionName']);
      if (functions.has(name)) throw new CloudError('ResourceInUse.Function', 'the function exists already');
      const { Code, ...rest } = body;
      functions.set(name, {
        Environment: { Variables: [] },
        Triggers: [],
        ...rest,
        zip: zipOf(Code),
      } as unknown as CloudFunction);
      return {};
    },
    UpdateFunctionCode: (body) => change(body, { Handler: body['Handler'], zip: zipOf(body['Code']) }),
    // The cloud replaces what is named and keeps the rest; the variables are one thing.
    UpdateFunctionConfiguration: (body) => {
      const { FunctionName: _name, Namespace: _namespace, ...changes } = body;
      return change(body, changes);
    },
    BatchCreateTrigger: (body) => change(body, { Triggers: JSON.parse(String(body['Triggers'])) }),
    // A collection that is made anew lets clients write documents of their own.
    CreateTable: (body) => {
      if (body['Tag'] !== 'tnt-1') throw new CloudError('InvalidParameter', 'there is no such database');
      collections.set(String(body['TableName']), 'PRIVATE');
      return {};
    },
    DescribeDatabaseACL: (body) => ({ AclTag: collectionIn(body).replace(/^CUSTOM.*/s, 'CUSTOM') }),
    DescribeSafeRule: (body) => ({ AclTag: 'CUSTOM', Rule: collectionIn(body).slice('CUSTOM'.length) }),
    ModifyDatabaseACL: (body) => {
      collectionIn(body);
      collections.set(String(body['CollectionName']), String(body['AclTag']));
      return {};
    },
    Invoke: async (body) => {
      const { FunctionName } = known(body);
      const { ok, text } = await double.invoke(
        FunctionName,
        JSON.parse(String(body['ClientContext'] ?? '{}')),
      );
      return {
        Result: {
          InvokeResult: ok ? 0 : 1,
          Duration: 12,
          MemUsage: 1_000_000,
          BillDuration: 12,
          FunctionRequestId: 'request',
          RetMsg: text,
          ErrMsg: ok ? '' : text,
          Log: 'START\nEND',
        },
      };
    },
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const text = await readText(request);
    const host = String(request.headers.host).replace(/:\d+$/, '');
    const header = (name: string) => String(request.headers[name] ?? '');
    const send = (value: object) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(value));
    };
    if (host === renewals && request.url === '/tcb_refresh') {
      send(double.renewal === undefined ? { code: 'AUTH_FAIL' } : { code: 0, data: double.renewal });
      return;
    }
    if (request.headers['x-tc-action'] === undefined) {
      strangers.add(host);
      send({});
      return;
    }
    const action = header('x-tc-action');
    const body = JSON.parse(text === '' ? '{}' : text) as CloudRequest['body'];
    requests.push({
      host,
      action,
      version: header('x-tc-version'),
      region: header('x-tc-region'),
      body,
      authorization: header('authorization'),
      type: header('content-type'),
      text,
      timestamp: Number(header('x-tc-timestamp')),
      token: header('x-tc-token'),
    });
    try {
      const error = errors.get(action);
      if (error !== undefined) throw new CloudError(error.Code, error.Message);
      if (!signed.test(header('authorization')))
        throw new CloudError('AuthFailure', 'the request is not signed');
      const act = actions[action];
      if (act === undefined) throw new CloudError('InvalidAction', `the double has no ${action}`);
      send({ Response: { RequestId: `request-${requests.length}`, ...(await act(body)) } });
    } catch (error) {
      const Code = error instanceof CloudError ? error.code : 'InternalError';
      send({
        Response: {
          RequestId: `request-${requests.length}`,
          Error: { Code, Message: error instanceof Error ? error.message : String(error) },
        },
      });
    }
  };

  const behind = createServer((request, response) => void answer(request, response));
  const secure = createTlsServer({ ciphers: anonymous, maxVersion: 'TLSv1.2', dhparam: 'auto' }, (socket) => {
    behind.emit('connection', socket);
  });
  const proxy = createServer((request, response) => void answer(request, response));
  proxy.on('connect', (_request, socket) => {
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    secure.emit('connection', socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;

  const double: CloudApiDouble = {
    functions,
    collections,
    requests,
    strangers,
    errors,
    environment: {
      TENCENTCLOUD_API_URL: url,
      http_proxy: url,
      https_proxy: url,
      NODE_OPTIONS: `--tls-cipher-list=${anonymous} --tls-max-v1.2 --import=${pathToFileURL(cliCache)}`,
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
    },
    access: [],
    domains: [],
    renewal: undefined,
    invoke: async () => ({ ok: false, text: 'the double runs no function' }),
    clear() {
      functions.clear();
      collections.clear();
      requests.length = 0;
      errors.clear();
    },
    async close() {
      proxy.closeAllConnections();
      behind.closeAllConnections();
      await new Promise<void>((resolve) => proxy.close(() => resolve()));
    },
  };
  return double;
}

/** An environment of WeChat's as the console makes it. */
function environmentRow(envId: string): object {
  return {
    EnvId: envId,
    Alias: 'kefu',
    Status: 'NORMAL',
    Source: 'miniapp',
    EnvType: 'baas',
    Region: 'ap-shanghai',
    Functions: [{ Namespace: envId, Region: 'ap-shanghai' }],
    Databases: [{ InstanceId: 'tnt-1', Region: 'ap-shanghai', Status: 'RUNNING' }],
    Storages: [{ Region: 'ap-shanghai', Bucket: 'bucket', CdnDomain: 'cdn', AppId: '1250000000' }],
    LogServices: [{ LogsetName: 'logset', LogsetId: 'logset-1', TopicName: 'topic', TopicId: 'topic-1' }],
  };
}

function zipOf(code: unknown): Buffer {
  const { ZipFile } = (code ?? {}) as { ZipFile?: string };
  if (ZipFile === undefined)
    throw new CloudError('InvalidParameter.Code', 'the double takes a zip in the request only');
  return Buffer.from(ZipFile, 'base64');
}

async function readText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
