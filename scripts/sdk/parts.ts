import type { Edit } from './source';

/**
 * What the functions' bundles have of wx-server-sdk 4.0.2, and what not.
 *
 * A module is named as Node would find it under `node_modules`, without an extension: `axios`,
 * `@cloudbase/node-sdk/dist/ai`. Those that the SDK's own webpack bundle holds are named as if it were a folder:
 * `wx-server-sdk/src/api/ai`. A row stands for the module and for all beneath it.
 *
 * `docs/performance.md` has what each saves.
 */

/** A package that rows of this file speak of, as it was when they were written. */
export interface KnownPackage {
  readonly name: string;
  /** The package that brings it, where more than one version may be there. */
  readonly broughtBy?: string;
  readonly version: string;
  /** The file or folder that the bundle is made from. */
  readonly files: string;
  /** SHA-256 of those files, the first 16 digits. */
  readonly digest: string;
}

/** Another version, or the same version with other files, fails the build: the rows must be looked at again. */
export const knownPackages: readonly KnownPackage[] = [
  { name: 'wx-server-sdk', version: '4.0.2', files: 'index.js', digest: '755a591cbc021f2a' },
  { name: '@cloudbase/node-sdk', version: '3.17.2', files: 'dist', digest: 'e373a4fab5b443e8' },
  { name: '@cloudbase/database', version: '1.4.3', files: 'dist/commonjs', digest: 'efd7de009f8beb0c' },
  { name: '@cloudbase/signature-nodejs', version: '2.2.0', files: 'lib', digest: '01adf0ab0ce2829d' },
  {
    name: 'bson',
    broughtBy: '@cloudbase/database',
    version: '4.7.2',
    files: 'lib',
    digest: 'aa3fef3cc3453442',
  },
  { name: 'combined-stream', version: '1.0.8', files: 'lib', digest: '4661d8505e452ab4' },
  { name: 'form-data', version: '4.0.6', files: 'lib', digest: 'd7e0d32a57eadbc3' },
  { name: 'mime-db', version: '1.52.0', files: 'db.json', digest: 'f707628807c1b35d' },
  { name: 'json-bigint', version: '1.0.0', files: 'lib', digest: 'bdb9726f2e85fa4c' },
  { name: 'protobufjs', version: '7.6.6', files: 'src', digest: '1605aa41807c1c2d' },
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
  retry: 'used with the option `retries` only; a send must not be repeated blindly',

  '@cloudbase/database/dist/commonjs/realtime/websocket-client': 'collection.watch, for clients',

  // Of form-data, the SDK calls append() with strings and buffers, getHeaders() and getBuffer().
  asynckit: 'measures streams',
  'delayed-stream': 'streams as parts of a form',
  'mime-types': 'the type of a part with a file name',

  // Of protobufjs, the messages need the writing and reading of strings, bytes and small integers.
  '@protobufjs/aspromise': 'remote procedure calls',
  '@protobufjs/base64': 'bytes given as base64',
  '@protobufjs/eventemitter': 'remote procedure calls',
  '@protobufjs/float': 'floating-point fields',
  'protobufjs/src/rpc': 'remote procedure calls',
  'protobufjs/src/util/longbits': '64-bit fields',
  long: '64-bit fields',

  'wx-server-sdk/src/api/ai': 'cloud.ai',
  'wx-server-sdk/src/api/cloudpay': 'cloud.cloudPay',
  'wx-server-sdk/src/api/open': 'cloud.callOpenAPI, getOpenData, getVoIPSign, getCloudCallSign',
  'wx-server-sdk/src/utils/cross-account-token': 'new cloud.Cloud(), for resources of another account',
};

/** The module that pbjs wrote from the gateway's protocol. */
export const messagesModule = 'wx-server-sdk/src/protobuf/openapi';

/** The messages of the open-API gateway that are used: what is asked and what is answered. */
export const keptMessages: readonly string[] = [
  'KeyValuePair',
  'OpenApiData',
  'CommApiData',
  'CommOpenApiResp',
  'HttpHeader',
];

/**
 * Loaded when first used, from a file of their own beside `index.js`: V8 reads through all of a file before it runs a
 * line of it. None of them asks for a module that `index.js` has.
 */
export const inOwnFiles: {
  readonly [module: string]: { readonly file: string; readonly askedBy: string };
} = {
  '@cloudbase/database': { file: 'database', askedBy: '@cloudbase/node-sdk' },
  agentkeepalive: { file: 'keepalive', askedBy: '@cloudbase/node-sdk' },
  'bignumber.js': { file: 'bignumber', askedBy: 'json-bigint' },
};

/** Where a module has the names of others at its top that most calls never use: they are loaded where they are used. */
export const loadedWhenUsed: { readonly [module: string]: readonly string[] } = {
  '@cloudbase/node-sdk/dist/cloudbase': ['database_1', 'functions_1', 'storage_1'],
  '@cloudbase/node-sdk/dist/utils/request-core': ['https_1', 'agentkeepalive_1'],
  // Copied name by name otherwise, all of fs, at every start.
  '@cloudbase/node-sdk/dist/utils/wxCloudToken': ['fs'],
  '@cloudbase/node-sdk/dist/utils/version': ['fs', 'path'],
  'json-bigint/lib/stringify': ['BigNumber'],
  'wx-server-sdk/src/api/database/api/api': ['database_1'],
};

/** Another module in a module's place: the text that becomes `module.exports`, in which `standIn` finds our own. */
export const instead: { readonly [module: string]: { readonly code: string; readonly why: string } } = {
  bson: {
    code: 'require("bson/lib/extended_json")',
    why: 'documents travel as EJSON; the binary reader and writer stay away',
  },
  clone: {
    code: '(value) => value',
    why: 'copies every request, files included, for a signer that changes nothing of it',
  },
  'es-set-tostringtag': {
    code: '(target, tag) => Object.defineProperty(target, Symbol.toStringTag, { value: tag, configurable: true })',
    why: 'brings eleven packages for this line',
  },
  hasown: {
    code: '(target, key) => Object.prototype.hasOwnProperty.call(target, key)',
    why: 'the same, for engines of 2010',
  },
  'mime-db': {
    code: 'standIn("media-endings").mediaEndings',
    why: 'WeChat takes six of its two thousand types',
  },
  xml2js: { code: 'standIn("upload-answer")', why: 'reads the empty answer to an upload, or an error' },
};

interface PartEdit extends Edit {
  readonly modules: readonly string[];
  readonly why: string;
}

function knownVersion(name: string): string | undefined {
  return knownPackages.find((row) => row.name === name)?.version;
}

const providerCalls = [
  'callOpenAPI',
  'callWXOpenAPI',
  'deleteFile',
  'downloadFile',
  'getTempFileURL',
  'uploadFile',
];

/** Exact changes, each in every one of its modules. `leftOut` and `standIn` in a text are ours. */
export const edits: readonly PartEdit[] = [
  {
    modules: ['json-bigint/lib/stringify'],
    from: String.raw`escapable = /[\\\"\x00-\x1f\x7f-\x9f\u00ad\u0600-\u0604\u070f\u17b4\u17b5\u200c-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff0-\uffff]/g`,
    to: String.raw`escapable = /[\\\"\x00-\x1f]/g`,
    why: 'escapes zero-width joiners and more as \\uXXXX, which WeChat refuses (40033) or shows to the user',
  },
  {
    modules: ['@cloudbase/node-sdk/dist/utils/request-core'],
    from: 'const req = (isHttps ? https_1.default : http_1.default).request(',
    to: `standIn("idle-sockets").closeIdle((isHttps ? https_1.default : http_1.default).globalAgent);
    const req = (isHttps ? https_1.default : http_1.default).request(`,
    why: 'from Node 20 on, sends over connections that died while the instance was frozen',
  },
  {
    modules: ['@cloudbase/node-sdk/dist/utils/version'],
    from: 'exports.version = loadPackage().version;',
    to: `exports.version = ${JSON.stringify(knownVersion('@cloudbase/node-sdk'))};`,
    why: 'reads a file that is not beside the bundle, and then names itself tcb-node-sdk/unknow on the wire',
  },
  {
    modules: ['@cloudbase/node-sdk/dist/utils/tcbcontext'],
    from: 'function getCloudbaseContext(context) {',
    to: `function getCloudbaseContext(context) {
    return context ? readContext(context) : standIn("once-a-call").onceACall(readContext);
}
function readContext(context) {`,
    why: 'reads twenty variables ten times for every request, a tenth of what a request takes',
  },
  {
    modules: ['@cloudbase/signature-nodejs/lib/keyvalue'],
    from: 'Object.keys(obj || {})\n            .sort((l, r) => l.toString().localeCompare(r))',
    to: 'standIn("key-order").sortKeys(Object.keys(obj || {}))',
    why: 'the first localeCompare of a process loads the rules of its locale, which takes over ten milliseconds',
  },
  {
    modules: ['@cloudbase/signature-nodejs/lib/signer'],
    from: 'const secretDate = utils_1.sha256hmac(',
    through: "const secretSigning = utils_1.sha256hmac('tc3_request', secretService);",
    to: `const secretSigning = standIn("signing-key").signingKey(
            date, service, this.credential.secretKey, utils_1.sha256hmac);`,
    why: 'derives the key of the day for every request',
  },
  {
    modules: ['@cloudbase/signature-nodejs/lib/signer'],
    from: "debug(secretDate.toString('hex'), 'secretDate');",
    through: "debug(signature.toString('hex'), 'signature');",
    to: '',
    why: 'spells out secrets for a debugging log that nobody may switch on',
  },
  {
    modules: ['form-data/lib/form_data'],
    from: 'FormData.prototype.getBuffer = function () {',
    through: 'return Buffer.concat([dataBuffer, Buffer.from(this._lastBoundary())]);\n};',
    to: `FormData.prototype.getBuffer = function () {
  return standIn("form-bytes").formBytes(this);
};`,
    why: 'copies all of a form for every part of it',
  },
  {
    modules: providerCalls.map((call) => `wx-server-sdk/src/api/cloud/provider/tcb/api/${call}`),
    from: '    await sleep();\n',
    to: '',
    why: 'waits for a timer before every call, a millisecond and more, for nothing',
  },
  {
    modules: ['@cloudbase/node-sdk/dist/cloudbase'],
    from: '        // NOTE：try-catch 为防止 init 报错\n',
    through: '    logger() {\n',
    to: `        this.models = this.mysql = this.rdb = leftOut("models, mysql and rdb of @cloudbase/node-sdk");
    }
    logger() {
`,
    why: 'sets up data models and SQL whenever the SDK is initialised, which it does for each call of storage',
  },
  {
    modules: ['json-bigint/lib/stringify'],
    from: 'value != null && (value instanceof BigNumber',
    to: 'value != null && value._isBigNumber === true && (value instanceof BigNumber',
    why: 'what is no BigNumber need not load bignumber.js to be found none',
  },
  {
    modules: ['json-bigint/lib/parse'],
    from: 'if (BigNumber == null) BigNumber',
    to: 'if (BigNumber == null && (string.length > 15 || _options.alwaysParseAsBig)) BigNumber',
    why: 'loads bignumber.js for every number, and uses it for those of sixteen digits and more',
  },
  {
    modules: ['wx-server-sdk/src/api/database/api/api'],
    from: 'database_1.default.bind(null, cloud)',
    to: '(config) => database_1.default(cloud, config)',
    why: 'binds the database at the start, so that it must be there',
  },
  ...Object.entries({
    ai: ['ai'],
    cloudpay: ['cloudPay'],
    open: ['callOpenAPI', 'getOpenData', 'getVoIPSign', 'getCloudCallSign'],
  }).map(([service, names]) => ({
    modules: ['wx-server-sdk/src/api'],
    from: `    ${service}_1.registerService(cloud);\n`,
    to: names.map((name) => `    cloud.exportAPI.${name} = leftOut("cloud.${name}");\n`).join(''),
    why: `registers what is left out as wx-server-sdk/src/api/${service}`,
  })),
];
