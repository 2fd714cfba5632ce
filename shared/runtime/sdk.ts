import cloud from 'wx-server-sdk';

/**
 * The one file that imports wx-server-sdk, and a true type for the part of it that is used here.
 *
 * The SDK's own typings are wrong under strict checks: `openapi` is not callable in them, `init` knows no timeout.
 * What the SDK does differently from what its documents say is in `docs/architecture.md`.
 */

/** A call's arguments and answer, as the SDK has them. */
export type SdkObject = { readonly [key: string]: unknown };

interface Sdk {
  init(options: { env: unknown; timeout: number; throwOnNotFound: boolean }): void;
  readonly DYNAMIC_CURRENT_ENV: unknown;
  readonly openapi: OpenApi & ((options: OpenApiOptions) => OpenApi);
  database(): SdkDatabase;
  getTempFileURL(options: { fileList: readonly { fileID: string; maxAge: number }[] }): Promise<{
    fileList: readonly { tempFileURL?: string }[];
  }>;
  callFunction(options: { name: string; data: object }): Promise<{ result?: unknown }>;
  deleteFile(options: { fileList: readonly string[] }): Promise<unknown>;
  uploadFile(options: { cloudPath: string; fileContent: Buffer }): Promise<{ fileID: string }>;
}

type OpenApiCall = (payload: object) => Promise<SdkObject>;

/** The open APIs that are called, by the names that they have behind `cloud.openapi`. */
export interface OpenApi {
  readonly customerServiceMessage: {
    readonly send: OpenApiCall;
    readonly setTyping: OpenApiCall;
    readonly uploadTempMedia: OpenApiCall;
    readonly getTempMedia: OpenApiCall;
  };
  readonly officialAccount: {
    readonly media: { readonly upload: OpenApiCall };
    readonly messageTemplate: { readonly send: OpenApiCall };
  };
  readonly subscribeMessage: { readonly send: OpenApiCall };
  readonly security: { readonly msgSecCheck: OpenApiCall };
}

/** Of which account, and whether the SDK may convert keys: not where they are user data. */
export interface OpenApiOptions {
  readonly appid?: string;
  readonly convertCase: boolean;
}

interface SdkQuery {
  orderBy(field: string, direction: 'asc' | 'desc'): SdkQuery;
  limit(count: number): SdkQuery;
  field(fields: { readonly [name: string]: true }): SdkQuery;
  get(): Promise<{ data: readonly SdkObject[] }>;
  count(): Promise<{ total: number }>;
  update(options: { data: object }): Promise<{ stats: { updated: number } }>;
  remove(): Promise<{ stats: { removed: number } }>;
}

interface SdkDatabase {
  collection(name: string): {
    doc(id: string): {
      get(): Promise<{ data: SdkObject | null }>;
      set(options: { data: object }): Promise<unknown>;
    };
    add(options: { data: object }): Promise<unknown>;
    where(condition: object): SdkQuery;
  };
  readonly command: {
    in(values: readonly unknown[]): object;
    nin(values: readonly unknown[]): object;
    exists(value: boolean): object;
    lte(value: number | string): object;
    gt(value: number | string): object;
    and(...conditions: readonly object[]): object;
    inc(value: number): object;
  };
  RegExp(pattern: { regexp: string; options: string }): object;
  createCollection(name: string): Promise<unknown>;
}

/** How long the SDK waits for the network, in milliseconds. Below every function's own timeout. */
const sdkTimeoutMs = 4500;

let connected = false;
let opened: SdkDatabase | undefined;

/** To be said at the start of each call of a function, before anything else: what is known of the call before goes. */
export function beginCall(): void {
  opened = undefined;
}

/** The SDK, initialised on first use. */
export function sdk(): Sdk {
  const typed = cloud as unknown as Sdk;
  if (!connected) {
    typed.init({ env: typed.DYNAMIC_CURRENT_ENV, timeout: sdkTimeoutMs, throwOnNotFound: false });
    connected = true;
  }
  return typed;
}

/** The database, the same for all of one call. */
export function database(): SdkDatabase {
  opened ??= sdk().database();
  return opened;
}

/**
 * `cloud` for calls of open APIs, with `cloud.openapi` as WeChat's documents have it; with other options than the usual
 * ones where they are given.
 *
 * `cloud.openapi` is a Proxy with a `then`, so no part of a path may reach a promise: only a call's own promise does.
 */
export function openApiCloud(options: OpenApiOptions): { readonly openapi: OpenApi } {
  const { openapi } = sdk();
  return { openapi: options.appid === undefined && options.convertCase ? openapi : openapi(options) };
}

/** Whether the platform's credentials are there. Without them the SDK kills the process instead of failing the call. */
export function hasCredentials(): boolean {
  return credentials() !== undefined;
}

/** The platform's credentials, by which a function says whose it is. */
export function credentials(): { secretId: string; secretKey: string; sessionToken: string } | undefined {
  const {
    TENCENTCLOUD_SECRETID: secretId,
    TENCENTCLOUD_SECRETKEY: secretKey,
    TENCENTCLOUD_SESSIONTOKEN: sessionToken = '',
  } = process.env;
  return secretId && secretKey ? { secretId, secretKey, sessionToken } : undefined;
}
