/**
 * The conversion of keys inside wx-server-sdk, which it does not export: the bench puts that module of the SDK's
 * bundle in this file's place.
 */
export declare function convertCase(
  input: unknown,
  options: { readonly from: string; readonly to: string; readonly recursive: boolean },
): unknown;
