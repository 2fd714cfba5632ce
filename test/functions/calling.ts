import type { Emulator } from '../../emulator/emulator';

/** What a function answers. */
export type Result = Record<string, unknown>;

/** A way to call the functions of a file's local WeChat, which is there once its tests run. */
export function callingIn(emulator: () => Emulator) {
  return async (name: string, data: object, source = 'wx_client', openid?: string): Promise<Result> => {
    const invoked = await emulator().call({ name, data, source, openid });
    if (!invoked.ok) throw new Error(invoked.errMsg);
    return invoked.result as Result;
  };
}
