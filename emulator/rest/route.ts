import type { Context } from 'hono';
import type { Account } from '../../shared/wechat/account';
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
export async function readBody(context: Context): Promise<{ readonly [field: string]: unknown } | undefined> {
  const body: unknown = await context.req.json().catch(() => undefined);
  return typeof body === 'object' && body !== null && !Array.isArray(body)
    ? (body as { [field: string]: unknown })
    : undefined;
}

/** The account that `?account=` names, the mini program where it names none. */
export function accountOf(context: Context): Account | undefined {
  const account = context.req.query('account') ?? 'miniprogram';
  return account === 'miniprogram' || account === 'official' ? account : undefined;
}

/** The user in the path. */
export function openidOf(context: Context): string {
  return context.req.param('openid') ?? '';
}
