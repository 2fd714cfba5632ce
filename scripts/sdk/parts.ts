import type { MediaFormat } from '../../shared/wechat/media';
import type { Edit } from './source';

/**
 * What the functions' bundles have of wx-server-sdk 4.0.2, and what not.
 *
 * A module is named as Node would find it under `node_modules`, without an extension: `axios`,
 * `@cloudbase/node-sdk/dist/ai`. A row stands for the module and for all beneath it.
 *
 * `docs/performance.md` has what each saves.
 */

/** The packages that the SDK is made of. What other code asks for stays as it is, by whatever name. */
export const sdkPackages: readonly string[] = [
  'wx-server-sdk',
  '@cloudbase/node-sdk',
  '@cloudbase/database',
  '@cloudbase/signature-nodejs',
  'json-bigint',
  'protobufjs',
];

/** Never loaded, and not there: whatever uses one of these gets an error that names it. */
export const leftOut: { readonly [module: string]: string } = {
  '@cloudbase/node-sdk/dist/ai': 'language models, with a web client and stream polyfills of their own',
  '@cloudbase/node-sdk/dist/analytics': 'reports to an analytics service',
  '@cloudbase/node-sdk/dist/auth': 'logs web users in, with JSON web tokens',
  '@cloudbase/node-sdk/dist/cloudrun': 'calls containers',
  '@cloudbase/node-sdk/dist/notification': 'the old template notification',
  '@cloudbase/node-sdk/dist/utils/tcbopenapicommonrequester': 'the HTTP API of models, SQL and connectors',
  '@cloudbase/node-sdk/dist/utils/tcbopenapiendpoint': 'the addresses of that API',
  '@cloudbase/wx-cloud-client-sdk': 'data models and SQL',
  axios:
    'asks the machine for its metadata, where the environment does not say that this is a cloud function',
  'http-proxy-agent': 'used with the option `proxy` only',
  'https-proxy-agent': 'used with the option `proxy` only',
  'bignumber.js': 'numbers of sixteen digits and more: here they come as the text of their digits',
  retry: 'used with the option `retries` only; a send must not be repeated blindly',

  '@cloudbase/database/dist/commonjs/realtime/websocket-client': 'collection.watch, for clients',

  // Of protobufjs, the messages need the writing and reading of strings, bytes and small integers.
  '@protobufjs/aspromise': 'remote procedure calls',
  '@protobufjs/base64': 'bytes given as base64',
  '@protobufjs/eventemitter': 'remote procedure calls',
  '@protobufjs/float': 'floating-point fields',
  'protobufjs/src/rpc': 'remote procedure calls',
  'protobufjs/src/util/longbits': '64-bit fields',
  long: '64-bit fields',
};

/**
 * Loaded when first used, from a file of their own beside `index.js`: V8 reads through all of a file before it runs a
 * line of it. None of them asks for a module that `index.js` has.
 */
export const inOwnFiles: {
  readonly [module: string]: { readonly file: string; readonly askedBy: string };
} = {
  '@cloudbase/database': { file: 'database', askedBy: '@cloudbase/node-sdk' },
  agentkeepalive: { file: 'keepalive', askedBy: '@cloudbase/node-sdk' },
};

/** Where a module has the names of others at its top that most calls never use: they are loaded where they are used. */
export const loadedWhenUsed: { readonly [module: string]: readonly string[] } = {
  '@cloudbase/node-sdk/dist/cloudbase': ['database_1', 'functions_1', 'storage_1'],
  '@cloudbase/node-sdk/dist/utils/request-core': ['https_1', 'agentkeepalive_1'],
  // Copied name by name otherwise, all of fs, at every start.
  '@cloudbase/node-sdk/dist/utils/wxCloudToken': ['fs'],
  'json-bigint/lib/stringify': ['BigNumber'],
};

/** What mime-db has for the formats that WeChat takes: the file name of an upload ends with it. */
const mediaEndings = {
  'image/png': { extensions: ['png'] },
  'image/jpeg': { extensions: ['jpeg'] },
  'image/gif': { extensions: ['gif'] },
  'audio/amr': { extensions: ['amr'] },
  'audio/mpeg': { extensions: ['mpga'] },
  'video/mp4': { extensions: ['mp4'] },
} as const satisfies Record<MediaFormat, object>;

/** Another module's code in a module's place. */
export const instead: { readonly [module: string]: { readonly code: string; readonly why: string } } = {
  '@cloudbase/node-sdk/dist/utils/version': {
    code: 'export { version } from "@cloudbase/node-sdk/package.json";',
    why: 'reads a file that is not beside the bundle, and then names itself tcb-node-sdk/unknow on the wire',
  },
  bson: {
    code: 'module.exports = require("bson/lib/extended_json");',
    why: 'documents travel as EJSON; the binary reader and writer stay away',
  },
  clone: {
    code: 'module.exports = (value) => value;',
    why: 'copies every request, files included, for a signer that changes nothing of it',
  },
  'form-data': {
    code: 'module.exports = require("stand-in:form").Form;',
    why: 'brings streams, HTTPS and 22 packages; the SDK puts texts and bytes together',
  },
  'mime-db': {
    code: `module.exports = ${JSON.stringify(mediaEndings)};`,
    why: 'WeChat takes six of its two thousand types',
  },
  xml2js: {
    code: 'module.exports = require("stand-in:upload-answer");',
    why: 'reads the empty answer to an upload, or an error',
  },
};

/** Changes to the text of a module. */
export const edits: readonly (Edit & { readonly module: string; readonly why: string })[] = [
  // What the SDK does wrong.
  {
    module: 'json-bigint/lib/stringify',
    from: String.raw`escapable = /[\\\"\x00-\x1f\x7f-\x9f\u00ad\u0600-\u0604\u070f\u17b4\u17b5\u200c-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff0-\uffff]/g`,
    to: String.raw`escapable = /[\\\"\x00-\x1f]/g`,
    why: 'escapes zero-width joiners and more as \\uXXXX, which WeChat refuses (40033) or shows to the user',
  },
  {
    module: '@cloudbase/node-sdk/dist/utils/request-core',
    from: 'const req = (isHttps ? https_1.default : http_1.default).request(',
    to: `require("stand-in:idle-sockets").closeIdle((isHttps ? https_1.default : http_1.default).globalAgent);
    const req = (isHttps ? https_1.default : http_1.default).request(`,
    why: 'from Node 20 on, sends over connections that died while the instance was frozen',
  },

  {
    module: 'wx-server-sdk',
    from: '    useNativeBigInt: false,\n',
    to: '    storeAsString: true,\n',
    why: 'makes objects of ids of sixteen digits and more, and with its conversion of keys parts that are no id',
  },

  // What takes time.
  {
    module: 'wx-server-sdk',
    from: '    await sleep();\n',
    times: 6,
    to: '',
    why: 'waits for a timer before every call, a millisecond and more, for nothing',
  },
  {
    module: '@cloudbase/node-sdk/dist/utils/tcbcontext',
    from: 'function getCloudbaseContext(context) {',
    to: `let known;
function getCloudbaseContext(context) {
    if (context) return readContext(context);
    if (known === undefined) queueMicrotask(() => { known = undefined; });
    return known ??= readContext();
}
function readContext(context) {`,
    why: 'reads twenty variables ten times for each request, a sixth of what draining an outbox computes',
  },
  {
    module: '@cloudbase/signature-nodejs/lib/keyvalue',
    from: '.sort((l, r) => l.toString().localeCompare(r))',
    to: '.sort(/^(?:[a-z_]*|[a-z-]*)$/.test(Object.keys(obj).join("")) ? undefined : (l, r) => l.localeCompare(r))',
    why: 'the first localeCompare of a process takes over ten milliseconds; these letters are in the same order everywhere',
  },
  {
    module: 'json-bigint/lib/stringify',
    from: 'value != null && (value instanceof BigNumber',
    to: 'value != null && value._isBigNumber === true && (value instanceof BigNumber',
    why: 'asks of every value whether it is of bignumber.js, which is not there',
  },
  {
    module: 'wx-server-sdk',
    from: 'const database_1 = __webpack_require__(/*! ./database */ "./src/api/database/api/database.ts");\n',
    to: '',
    why: 'loads the database at every start',
  },
  {
    module: 'wx-server-sdk',
    from: 'database_1.default.bind(null, cloud)',
    to: '(config) => __webpack_require__("./src/api/database/api/database.ts").default(cloud, config)',
    why: 'binds the database at the start, so that it must be there',
  },

  // What takes room in the SDK's own webpack bundle.
  ...Object.entries({
    ai: ['ai'],
    cloudpay: ['cloudPay'],
    open: ['callOpenAPI', 'getOpenData', 'getVoIPSign', 'getCloudCallSign'],
  }).flatMap(([service, names]) => [
    {
      module: 'wx-server-sdk',
      from: `const ${service}_1 = __webpack_require__(/*! ./${service} */ "./src/api/${service}/index.ts");\n`,
      to: '',
      why: `loads ${service} at every start`,
    },
    {
      module: 'wx-server-sdk',
      from: `    ${service}_1.registerService(cloud);\n`,
      to: names.map((name) => `    cloud.exportAPI.${name} = ${leftOutCode(`cloud.${name}`)};\n`).join(''),
      why: 'no function uses it',
    },
  ]),
  {
    module: 'wx-server-sdk',
    from: /^\/\*{3}\/ "\.\/src\/api\/(?:ai|cloudpay|open)\/[\s\S]*?^\/\*{3}\/ \}\),$/m,
    times: 12,
    to: '',
    why: 'the modules of these three',
  },
  {
    module: 'wx-server-sdk',
    from: /^\$root\.(?!(?:KeyValuePair|OpenApiData|CommApiData|CommOpenApiResp|HttpHeader) )[\s\S]*?^\}\)\(\);$/m,
    times: 12,
    to: '',
    why: 'messages that neither ask an open API nor answer',
  },
  {
    module: 'wx-server-sdk',
    from: /^ {4}\w+\.(?:create|encodeDelimited|decodeDelimited|verify|fromObject|toObject|prototype\.toJSON) = function [\s\S]*?^ {4}\};$/m,
    times: 35,
    to: '',
    why: 'all of a message but what puts it on the wire and takes it off',
  },
];

/** The code of what stands in for a part that is left out. */
export function leftOutCode(part: string): string {
  return `require("stand-in:left-out").leftOut(${JSON.stringify(part)})`;
}
