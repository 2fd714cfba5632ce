import cloud from 'wx-server-sdk';

/**
 * The one file that imports wx-server-sdk, and a true type for the part of it that is used here.
 *
 * The SDK's own typings are wrong under strict checks: `openapi` is not callable in them, `init` knows no timeout.
 * What the SDK does differently from what its documents say is in `docs/architecture.md`.
 */

/** A call's arguments and answer, as the SDK has them. */
type SdkObject = { readonly [key: string]: unknown };

interface Sdk {
  init(options: { env: unknown; timeout: number; throwOnNotFound: boolean }): void;
  readonly DYNAMIC_CURRENT_ENV: unknown;
  readonly openapi: unknown;
  database(): SdkDatabase;
  getTempFileURL(options: { fileList: readonly { fileID: string; maxAge: number }[] }): Promise<{
    fileList: readonly { status?: number; code?: string; tempFileURL?: string; errMsg?: string }[];
  }>;
  uploadFile(options: { cloudPath: string; fileContent: Buffer }): Promise<{ fileID: string }>;
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
      remove(): Promise<unknown>;
    };
    add(options: { data: object }): Promise<unknown>;
    where(condition: object): SdkQuery;
  };
  readonly command: {
    in(values: readonly unknown[]): object;
    lte(value: number): object;
    gt(value: number): { and(other: object): object };
    inc(value: number): object;
  };
  createCollection(name: string): Promise<unknown>;
}

/** How long the SDK waits for the network, in milliseconds. Below every function's own timeout. */
export const sdkTimeoutMs = 4500;

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
 * Calls an open API by its name, `customerServiceMessage.send` say.
 *
 * `cloud.openapi` is a Proxy with a `then`, so no part of the path may reach a promise: only the last call's own
 * promise is returned.
 */
export function callOpenApi(
  name: string,
  data: object,
  options: { readonly appid?: string; readonly convertCase: boolean },
): Promise<SdkObject> {
  const chosen = sdk().openapi as (options: object) => unknown;
  const root: unknown = options.appid === undefined && options.convertCase ? chosen : chosen(options);
  let target = root as { readonly [name: string]: unknown };
  for (const step of name.split('.')) target = target[step] as typeof target;
  return (target as unknown as (data: object) => Promise<SdkObject>)(data);
}

/** Whether the platform's credentials are there. Without them the SDK kills the process instead of failing the call. */
export function hasCredentials(): boolean {
  return Boolean(process.env['TENCENTCLOUD_SECRETID'] && process.env['TENCENTCLOUD_SECRETKEY']);
}
