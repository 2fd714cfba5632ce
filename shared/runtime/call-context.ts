import type { Caller } from '../core/access';

/** What the platform hands to a function beside the event, as far as it is used here. */
export interface PlatformContext {
  readonly request_id?: unknown;
  readonly time_limit_in_ms?: unknown;
  /** The variables of this call, as a JSON text. */
  readonly environment?: unknown;
  /** The same on the older runtime, as `NAME=value;NAME=value`. */
  readonly environ?: unknown;
}

/**
 * Who makes the current call.
 *
 * Read from the call's own context, never from `process.env`: in an instance that is used again the environment can
 * still hold what the call before left there. A call whose context says nothing has no identity.
 */
export function readCaller(context: unknown): Caller {
  const variables = readVariables(context);
  const openid = variables.get('WX_OPENID') ?? '';
  const named = variables.get('TCB_SOURCE') ?? '';
  if (openid !== '') return { source: named, openid };
  // Timers made by the CloudBase CLI are reported to name no source but their trigger.
  return { source: named === '' && variables.get('TRIGGER_SRC') === 'timer' ? 'wx_trigger' : named };
}

/** The limit of the current call in milliseconds, or `undefined` where the platform names none. */
export function readTimeLimitMs(context: unknown): number | undefined {
  const limit = Number((context as PlatformContext | null)?.time_limit_in_ms);
  if (!Number.isFinite(limit) || limit <= 0) return undefined;
  // The CLI's local runner puts seconds here; no function has a limit below one second.
  return limit < 1000 ? limit * 1000 : limit;
}

function readVariables(context: unknown): ReadonlyMap<string, string> {
  const { environment, environ } = (context ?? {}) as PlatformContext;
  return typeof environment === 'string' && environment !== '' ? readJson(environment) : readPairs(environ);
}

function readJson(text: string): Map<string, string> {
  try {
    const parsed: unknown = JSON.parse(text);
    const entries = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
    return new Map(entries.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
  } catch {
    return new Map();
  }
}

function readPairs(text: unknown): Map<string, string> {
  const pairs = typeof text === 'string' ? text.split(';') : [];
  return new Map(
    pairs.flatMap((pair) => {
      const equals = pair.indexOf('=');
      return equals > 0 ? [[pair.slice(0, equals), pair.slice(equals + 1)]] : [];
    }),
  );
}
