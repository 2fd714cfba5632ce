import type { Context } from 'hono';
import { type Account, accounts } from '../../shared/wechat/account';
import { isPlainObject, type PlainObject } from '../../shared/wechat/fields/values';
import type { EmulatorParts } from '../parts';

/** Routes under `/_emulator`. What one gives is answered as JSON, unless it is a response already. */
export interface Routes {
  readonly [route: `${'GET' | 'POST' | 'PUT'} /${string}`]: (
    context: Context,
    parts: EmulatorParts,
  ) => unknown;
}

/** Says what is wrong with a request. */
export function refuse(context: Context, error: string): Response {
  return context.json({ error }, 400);
}

/** The fields of a JSON object; `undefined` where the body is something else. */
export async function readBody(context: Context): Promise<PlainObject | undefined> {
  const body: unknown = await context.req.json().catch(() => undefined);
  return isPlainObject(body) ? body : undefined;
}

/** The account of a name. */
export function readAccount(name: unknown): Account | undefined {
  return accounts.find((account) => account === name);
}

/** The account that `?account=` names, the mini program where it names none. */
export function accountOf(context: Context): Account | undefined {
  return readAccount(context.req.query('account') ?? 'miniprogram');
}

/** The user in the path. */
export function openidOf(context: Context): string {
  return context.req.param('openid') ?? '';
}
